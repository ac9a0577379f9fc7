/** A process that plays the batches that it receives. */
import { runBatch } from "./batch";
import type { Batch } from "./messages";

process.on("message", async (batch: Batch) => process.send?.(await runBatch(batch)));
