import { Command } from "commander";
import { print } from "../../shared/output";

interface TextOptions {
  from: string;
  to: string;
  media: string[];
  profile?: string;
  stack?: string;
  json?: true;
}

/** What the emulator did with a text. */
interface Routed {
  readonly routedTo: "conversation" | "webhook" | "nowhere";
  readonly smsSid: string;
  readonly conversationSid?: string;
  readonly messageSid?: string;
  readonly smsUrl?: string | null;
}

/** `twilio-conversations text`: a phone of the emulator writes to a number. */
export function textCommand(): Command {
  return new Command("text")
    .description("Text a number from a virtual phone. On the emulator only: a real phone has its own app for this.")
    .argument("[body]", "the text", "")
    .requiredOption("--from <address>", "the phone: a number, or whatsapp: and a number")
    .requiredOption("--to <address>", "the number of the account that receives the text, or whatsapp: and a sender")
    .option("--media <url>", "a picture; may be repeated", (url: string, before: string[]) => [...before, url], [])
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
The sender needs no participant. \`twilio-conversations logs\` shows what follows.

Examples:
  $ twilio-conversations text --from +15558675310 --to +14155550100 "Hi"
  $ twilio-conversations text --from whatsapp:+15558675310 --to whatsapp:+14155550100 "Hi" --json
  $ twilio-conversations text --from +15558675310 --to +14155550100 --media https://example.com/cat.png`,
    )
    .action(send);
}

async function send(body: string, { from, to, media, json, ...where }: TextOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ openTarget }, { requireEmulator }] = await Promise.all([import("../../shared/target"), import("../../shared/control-plane")]);
  if (body === "" && media.length === 0) throw new Error('a text must have a body or a picture: add "Hi", or --media https://….');
  const target = await openTarget(where);
  try {
    const control = await requireEmulator(target.connection, "text works on the emulator only: to write to a real number, use a phone.");
    const routed = await control.request<Routed>("POST", "inbound", { from, to, body, ...(media.length > 0 ? { mediaUrl: media } : {}) });
    print(json ? `${JSON.stringify({ from, to, ...routed })}\n` : `${from} texted ${to}: ${describe(routed)}\n`);
  } finally {
    await target.close();
  }
}

function describe({ routedTo, conversationSid, messageSid, smsSid, smsUrl }: Routed): string {
  if (routedTo === "conversation") return `message ${messageSid} in conversation ${conversationSid}`;
  if (routedTo === "webhook" && smsUrl) return `no conversation has this pair, so ${smsSid} went to the number's webhook`;
  return `${smsSid} was accepted, and no conversation and no webhook took it; add a participant with this pair, or set smsUrl of the number`;
}
