// What the source says about a resource class: its docstrings, arguments and outputs.
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const configuration = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(configuration.config, ts.sys, root);
const host = ts.createCompilerHost(options);
// The types of arguments come from here and from Pulumi. Twilio's client has most files of the whole program.
host.resolveModuleNameLiterals = (literals, file) =>
  literals.map(({ text }) =>
    /^(\.|@pulumi\/pulumi$)/.test(text) ? ts.resolveModuleName(text, file, options, host) : { resolvedModule: undefined },
  );
const program = ts.createProgram([join(root, "src", "index.ts")], { ...options, types: [] }, host);
const checker = program.getTypeChecker();

/** A docstring: its text, and what its tags have. */
export interface Doc {
  readonly text: string;
  readonly example: string | undefined;
  readonly see: readonly string[];
}

/** An argument, or a property of one. */
export interface Argument {
  /** The dotted name, as definitions have it. */
  readonly name: string;
  readonly type: string;
  /** `by kind`: required by some of the alternatives only. */
  readonly required: "yes" | "by kind" | "no";
  readonly docs: readonly string[];
  /** It only groups the properties that follow. */
  readonly isGroup: boolean;
}

/** What the source says about a class. */
export interface Described {
  readonly doc: Doc;
  /** The file, from the root. */
  readonly file: string;
  readonly argsDoc: Doc;
  /** The alternatives of the arguments, where there are several. */
  readonly kinds: readonly { readonly name: string; readonly text: string }[];
  readonly args: readonly Argument[];
  readonly outputs: readonly { readonly name: string; readonly text: string }[];
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

function docOf(symbol: ts.Symbol | undefined): Doc {
  const tags = symbol?.getJsDocTags(checker) ?? [];
  const tagged = (name: string) => tags.filter((tag) => tag.name === name).map((tag) => ts.displayPartsToString(tag.text).trim());
  const text = ts.displayPartsToString(symbol?.getDocumentationComment(checker)).replace(/\{@link (\S+?) ?\}/g, "`$1`");
  return {
    text,
    example: tagged("example")[0],
    // TypeScript takes `https` for the name of something.
    see: tagged("see").map((link) => link.replace(/^https:?\s*:?\/\//, "https://")),
  };
}

/** The classes that the package exports. */
const exported = new Map(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(root, "src", "index.ts")) as ts.SourceFile) as ts.Symbol)
    .map((symbol) => [symbol.name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol]),
);

/** A type as the program writes it, without Pulumi's `Input`, which all arguments have. */
function plainType(text: string): string {
  let plain = oneLine(text);
  for (let match = /\bInput</.exec(plain); match; match = /\bInput</.exec(plain)) {
    let [end, depth] = [match.index + match[0].length, 1];
    for (; depth > 0; end += 1) depth += { "<": 1, ">": -1 }[plain[end] as string] ?? 0;
    const inner = plain.slice(match.index + match[0].length, end - 1).replace(/ \| \(string & \{\}\)/, "");
    const isList = plain.slice(end).startsWith("[]");
    plain = plain.slice(0, match.index) + (isList && inner.includes("|") ? `(${inner})` : inner) + plain.slice(end);
  }
  return plain.replace(/( \| undefined)+$/, "");
}

const constituents = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);
const isNothing = (type: ts.Type): boolean =>
  constituents(type).every(({ flags }) => flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Never));

/** The objects that a property accepts, without outputs and promises of them. */
const objectsOf = (symbol: ts.Symbol): ts.Type[] =>
  constituents(checker.getTypeOfSymbol(symbol)).filter(
    (type) => !type.getProperty("apply") && !type.getProperty("then") && type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection),
  );

/** The type of a property in the words of its declaration. */
const typeTextOf = ({ valueDeclaration }: ts.Symbol): string =>
  plainType(textOf((valueDeclaration as ts.PropertySignature | undefined)?.type));

/** The text of a type, also where it borrows that of another property. */
function textOf(node: ts.TypeNode | undefined): string {
  if (node && ts.isUnionTypeNode(node)) return node.types.map(textOf).join(" | ");
  if (!node || !ts.isIndexedAccessTypeNode(node)) return node?.getText() ?? "";
  const name = node.indexType.getText().replaceAll('"', "");
  const borrowed = checker.getTypeFromTypeNode(node.objectType).getProperty(name)?.valueDeclaration;
  return borrowed ? textOf((borrowed as ts.PropertySignature).type) : node.getText();
}

/** The properties of these alternatives, down to those that the definition has. */
function argumentsOf(types: readonly ts.Type[], prefix: string, fields: readonly string[]): Argument[] {
  const found = new Map<string, ts.Symbol[]>();
  for (const type of types)
    for (const symbol of checker.getPropertiesOfType(type))
      if (!isNothing(checker.getTypeOfSymbol(symbol))) found.set(symbol.name, [...(found.get(symbol.name) ?? []), symbol]);
  return [...found].flatMap(([property, symbols]) => {
    const name = prefix + property;
    const needs = symbols.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional)).length;
    const isGroup = fields.some((field) => field.startsWith(`${name}.`));
    const own: Argument = {
      name,
      type: isGroup ? "object" : [...new Set(symbols.map(typeTextOf))].join(" | "),
      required: needs === types.length ? "yes" : needs > 0 ? "by kind" : "no",
      docs: [...new Set(symbols.map((symbol) => oneLine(docOf(symbol).text)))].filter(Boolean),
      isGroup,
    };
    if (!isGroup) return [own];
    const inner = argumentsOf(symbols.flatMap(objectsOf), `${name}.`, fields);
    return own.docs.length > 0 ? [own, ...inner] : inner;
  });
}

/** The alternatives of a union of interfaces. */
function kindsOf(symbol: ts.Symbol | undefined): Described["kinds"] {
  const declaration = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
  if (!declaration || !ts.isUnionTypeNode(declaration.type)) return [];
  return declaration.type.types.flatMap((node) => {
    const inner = ts.isParenthesizedTypeNode(node) ? node.type : node;
    const first = ts.isIntersectionTypeNode(inner) ? (inner.types[0] as ts.TypeNode) : inner;
    const kind = ts.isTypeReferenceNode(first) ? checker.getSymbolAtLocation(first.typeName) : undefined;
    return kind ? [{ name: kind.name, text: oneLine(docOf(kind).text) }] : [];
  });
}

/** What all classes of sets have besides what every resource of Pulumi has. */
const attributesOfSet = (symbol: ts.Symbol): ts.Symbol[] =>
  checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter(({ valueDeclaration }) => valueDeclaration?.getSourceFile().fileName.endsWith("/registration/set-resource.ts"));

/** What the source says about the class of this name; `fields` are the definition's. */
export function described(name: string, fields: readonly string[]): Described {
  const symbol = exported.get(name) as ts.Symbol;
  const declaration = symbol.declarations?.find(ts.isClassDeclaration) as ts.ClassDeclaration;
  const call = declaration.heritageClauses?.[0]?.types[0]?.expression as ts.CallExpression;
  const [args, outputs] = call.typeArguments as unknown as [ts.TypeReferenceNode, ts.TypeReferenceNode | undefined];
  const argsSymbol = checker.getSymbolAtLocation(args.typeName);
  const alias = argsSymbol && argsSymbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(argsSymbol) : argsSymbol;
  return {
    doc: docOf(symbol),
    file: relative(root, declaration.getSourceFile().fileName),
    argsDoc: docOf(alias),
    kinds: kindsOf(alias),
    args: argumentsOf(constituents(checker.getTypeFromTypeNode(args)), "", fields),
    outputs: (outputs ? checker.getPropertiesOfType(checker.getTypeFromTypeNode(outputs)) : attributesOfSet(symbol)).map((output) => ({
      name: output.name,
      text: oneLine(docOf(output).text),
    })),
  };
}

/** The names in Twilio's list of permissions, from the type that has them. */
export const knownPermissions: ReadonlySet<string> = new Set(
  constituents(checker.getDeclaredTypeOfSymbol(exported.get("KeyPermission") as ts.Symbol)).flatMap((type) =>
    type.isStringLiteral() ? [type.value] : [],
  ),
);
