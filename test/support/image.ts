/** Builds the emulator's image from its Dockerfile into a plain folder, where no container engine exists, and runs its commands there. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Copy, DockerfileParser, type From, type JSONInstruction } from "dockerfile-ast";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
export const dockerfile = join(root, "dist", "container", "Dockerfile");

/** The settings of an image, as `docker inspect` shows them. */
export interface ImageConfig {
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
  environment: Record<string, string>;
  user: string;
  volumes: string[];
  ports: string[];
}

/** An image that is built into a folder. Its absolute paths are below that folder. */
export interface Image {
  config: ImageConfig;
  /** The file or folder of the image with this path. */
  path(inImage: string): string;
  /** The owners that the build set, by path. */
  owners: Record<string, string>;
  /** Starts the entry point with these arguments, on another port than the image's. Folders of this machine may be mounted on paths of the image. */
  start(args: readonly string[], port: number, mounts?: ReadonlyMap<string, string>): ChildProcess;
  /** Runs the health check, and returns its exit code. */
  check(port: number): Promise<number | null>;
  remove(): Promise<void>;
}

/** The image's port. Plain folders share the machine's ports, so that each process gets another one. */
const PORT = "4010";

/** Packs the package, and executes the Dockerfile's instructions in order. */
export async function buildImage(): Promise<Image> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-image-"));
  await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: root });
  const build = new Build(folder, await writeTools(folder));
  for (const instruction of DockerfileParser.parse(await readFile(dockerfile, "utf8")).getInstructions()) {
    await build.execute(instruction.getKeyword(), instruction);
  }
  return build.image();
}

class Build {
  private readonly folder: string;
  private readonly tools: string;
  private readonly stages = new Map<string, string>();
  private stage = "";
  private workdir = "/";
  private config: ImageConfig = { entrypoint: [], command: [], healthcheck: [], environment: {}, user: "root", volumes: [], ports: [] };

  constructor(folder: string, tools: string) {
    this.folder = folder;
    this.tools = tools;
  }

  async execute(keyword: string, instruction: object): Promise<void> {
    // The form without a shell. Another form is no JSON, and fails.
    const json = () => JSON.parse(text()) as string[];
    const words = () => (instruction as JSONInstruction).getArguments().map((argument) => argument.getValue());
    const text = () => (instruction as JSONInstruction).getArgumentsContent() ?? "";
    const [first = ""] = words();
    if (keyword === "FROM") await this.from(instruction as From);
    else if (keyword === "WORKDIR") {
      this.workdir = first;
      await mkdir(this.inStage(first), { recursive: true });
    } else if (keyword === "COPY") await this.copy(instruction as Copy);
    else if (keyword === "RUN") await this.run(text());
    else if (keyword === "ENV") Object.assign(this.config.environment, Object.fromEntries(words().map((pair) => pair.split("="))));
    else if (keyword === "USER") this.config.user = first;
    else if (keyword === "VOLUME") this.config.volumes = json();
    else if (keyword === "EXPOSE") this.config.ports = words();
    else if (keyword === "HEALTHCHECK") this.config.healthcheck = JSON.parse(/CMD (.*)$/s.exec(text())?.[1] ?? "");
    else if (keyword === "ENTRYPOINT") this.config.entrypoint = json();
    else if (keyword === "CMD") this.config.command = json();
    else throw new Error(`The test cannot execute ${keyword}.`);
  }

  private async from(instruction: From): Promise<void> {
    this.stage = join(this.folder, `stage-${this.stages.size}`);
    this.stages.set(instruction.getBuildStage() ?? "", this.stage);
    await mkdir(this.stage);
  }

  private async copy(instruction: Copy): Promise<void> {
    const [source = "", target = ""] = instruction.getArguments().map((argument) => argument.getValue());
    const stage = instruction.getFromFlag()?.getValue();
    const to = this.inStage(join(this.workdir, target));
    if (stage) await cp(join(this.stages.get(stage) ?? "", source), to, { recursive: true, verbatimSymlinks: true });
    else await run("sh", ["-c", `cp ${source} '${to}'`], { cwd: this.folder });
  }

  private async run(script: string): Promise<void> {
    const inStage = script.replaceAll(/(?<=\s)\/(?=\w)/g, `${this.stage}/`);
    const env = { ...process.env, PATH: `${this.tools}${delimiter}${process.env.PATH}` };
    await run("sh", ["-ec", inStage], { cwd: this.inStage(this.workdir), env });
  }

  private inStage(path: string): string {
    return join(this.stage, path);
  }

  async image(): Promise<Image> {
    const { config, stage, workdir, folder } = this;
    const owned = (await readFile(join(this.tools, "owners"), "utf8")).trim().split("\n");
    const spawnInside = ([program = "", ...args]: readonly string[], port: number, mounts?: ReadonlyMap<string, string>) => {
      const pathOf = (path: string) => mounts?.get(path) ?? join(stage, path);
      const inside = args.map((arg) => (arg.startsWith("/") ? pathOf(arg) : arg.replaceAll(PORT, String(port))));
      return spawn(program === "node" ? process.execPath : program, inside, {
        cwd: join(stage, workdir),
        env: { PATH: process.env.PATH, HOME: join(stage, workdir), ...config.environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
    };
    return {
      config,
      path: (inImage) => join(stage, inImage),
      owners: Object.fromEntries(
        owned.map((line) =>
          line
            .split(" ")
            .reverse()
            .map((word) => word.replace(stage, "")),
        ),
      ),
      start: (args, port, mounts) => spawnInside([...config.entrypoint, ...args], port, mounts),
      check: (port) =>
        new Promise((resolve, reject) => void spawnInside(config.healthcheck, port).once("error", reject).once("close", resolve)),
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  }
}

/** Replaces the two commands that need a registry, or root: `npm install` links what the lock file of this repository has. */
async function writeTools(folder: string): Promise<string> {
  const tools = join(folder, "tools");
  await mkdir(tools);
  const own = "node_modules/pulumi-twilio-conversations";
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  const npm = `for tarball; do :; done
mkdir -p ${own}
tar -xzf "$tarball" --strip-components=1 -C ${own}
${Object.keys(dependencies)
  .map((name) => `ln -s '${join(root, "node_modules", name)}' node_modules/${name}`)
  .join("\n")}`;
  const shell = (script: string) => ({ mode: 0o755, script: `#!/bin/sh -e\n${script}\n` });
  for (const [name, { mode, script }] of Object.entries({ npm: shell(npm), chown: shell(`echo "$@" >> '${tools}/owners'`) }))
    await writeFile(join(tools, name), script, { mode });
  return tools;
}
