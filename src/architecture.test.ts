// Who may know whom (the house rules), checked on every import there is. Type imports count.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('.', import.meta.url));

const PIPELINE = ['maths', 'scene', 'geometry', 'video', 'networks', 'motion', 'solve'];
const ALL = [...PIPELINE, 'pipeline', 'exporters', 'share', 'eval', 'platform', 'workers', 'viewer', 'ui', 'server', 'cli', 'bench', 'setup'];

/** Folder → what it may import beside itself; a path deeper than a folder opens only that part of it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  maths: [],
  scene: ['maths'],
  geometry: ['scene', 'maths'],
  video: ['scene', 'maths'],
  networks: ['scene', 'maths'],
  motion: ['scene', 'maths', 'geometry'],
  solve: ['scene', 'maths', 'geometry'],
  exporters: ['scene', 'maths'],
  share: ['scene', 'maths'],
  pipeline: PIPELINE,
  // Runs the pipeline's stages in Node, so it knows what the pipeline knows; also with networks that return the truth.
  eval: [...PIPELINE, 'pipeline', 'platform/fake'],
  // The platform starts the job worker; it knows nothing of what is inside.
  platform: ['scene', 'video', 'networks', 'solve', 'pipeline', 'workers/job.worker.ts'],
  'platform/fake': ['scene', 'video', 'networks', 'solve', 'pipeline', 'geometry', 'maths'],
  workers: ['platform', 'pipeline'],
  viewer: ['scene', 'maths'],
  ui: ['scene', 'maths', 'viewer', 'exporters', 'share', 'pipeline', 'platform/browser'],
  server: ['scene', 'share'],
  cli: ALL.filter((folder) => !['ui', 'viewer', 'server'].includes(folder)),
  bench: ALL.filter((folder) => !['ui', 'viewer', 'server'].includes(folder)),
  // Plain Node scripts that run before anything is installed.
  setup: [],
};

/** Only these may know a library, so that it can be replaced behind one door. */
const ONE_DOOR: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-web': ['platform', 'eval', 'bench'],
  mediabunny: ['platform'],
  comlink: ['platform', 'workers'],
  three: ['viewer'],
  'camera-controls': ['viewer'],
  '@tensorflow/tfjs': ['solve/engines/tfjs'],
  playwright: ['cli', 'bench', 'setup'],
  fastify: ['server'],
  '@fastify': ['server'],
  '@aws-sdk': ['server'],
  '@gltf-transform': ['exporters'],
  'fast-png': ['exporters', 'share'],
};

const MAX_LINES = 400;

interface Import { readonly from: string; readonly to: string }

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => /\.(ts|mts|mjs)$/.test(path) && !path.includes('node_modules'));
const imports = files.flatMap(readImports);
/** Tests may look further: they compare with truth, with other engines, with the whole path. */
const ofTheProgram = imports.filter(({ from }) => !/\.test\.ts$/.test(from));
const inside = ofTheProgram.filter(({ from, to }) => to.startsWith('.') && from.includes('/'));

function readImports(from: string): Import[] {
  const source = ts.createSourceFile(from, readFileSync(join(SRC, from), 'utf8'), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const named = namedModule(node, source);
    if (named && ts.isStringLiteralLike(named)) found.push({ from, to: named.text.replace(/\?.*$/, '') });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The node that names another module, in any of the ways to depend on one. */
function namedModule(node: ts.Node, source: ts.SourceFile): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  // new Worker(new URL('./x.worker.ts', import.meta.url))
  const startsWorker = ts.isNewExpression(node) && node.expression.getText(source) === 'URL' && /\.ts['"]/.test(node.arguments?.[0]?.getText(source) ?? '');
  return startsWorker ? node.arguments?.[0] : undefined;
}

const within = (path: string, part: string): boolean => path === part || path.startsWith(`${part}/`);
/** The path from src/ that a relative import leads to; starts with ".." outside of src. */
const targetOf = ({ from, to }: Import): string => relative(SRC, join(SRC, dirname(from), to)).split(sep).join('/');
const shown = ({ from, to }: Import): string => `${from} imports ${to}`;

describe('the house', () => {
  it('knows every folder of src', () => {
    const folders = new Set(files.filter((f) => f.includes('/')).map((f) => f.split('/')[0]!));
    expect([...folders].filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
  });

  it('is entered only along the table', () => {
    const rooms = Object.keys(MAY_IMPORT).sort((a, b) => b.length - a.length);
    const wrong = inside.filter((entry) => {
      const target = targetOf(entry);
      const room = rooms.find((r) => within(entry.from, r));
      if (!room || target.startsWith('..')) return false;
      return !within(target, room.split('/')[0]!) && !MAY_IMPORT[room]!.some((open) => within(target, open));
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it('hands the interface nothing of the pipeline but types and the plan', () => {
    const wrong = inside.filter((entry) => entry.from.startsWith('ui/') && within(targetOf(entry), 'pipeline') && !/^pipeline\/(plan|stage|platform|reconstruct)\.ts$/.test(targetOf(entry)));
    expect(wrong.map(shown)).toEqual([]);
  });

  it('keeps each library behind its door', () => {
    const wrong = ofTheProgram.filter(({ from, to }) => {
      const library = Object.keys(ONE_DOOR).find((name) => within(to, name));
      return library !== undefined && from.includes('/') && !ONE_DOOR[library]!.some((room) => within(from, room));
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it('writes the ending of every file that it imports', () => {
    const wrong = imports.filter(({ to }) => to.startsWith('.') && !/\.\w+$/.test(to));
    expect(wrong.map(shown)).toEqual([]);
  });

  it('has no cycles', () => {
    const next = new Map<string, string[]>();
    for (const entry of inside) next.set(entry.from, [...(next.get(entry.from) ?? []), targetOf(entry)]);
    expect(findCycle(next)).toEqual([]);
  });

  it(`has no file longer than ${MAX_LINES} lines`, () => {
    expect(files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > MAX_LINES + 1)).toEqual([]);
  });
});

/** The files of one cycle, or nothing. */
function findCycle(next: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of next.get(file) ?? []) {
      const cycle = walk(target, [...path, file]);
      if (cycle.length) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of next.keys()) {
    const cycle = walk(file, []);
    if (cycle.length) return cycle;
  }
  return [];
}
