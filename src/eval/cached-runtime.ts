// Networks that remember: while the solver changes and the weights do not, an evaluation need not run them again.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Catalogue } from '../networks/catalogue.ts';
import type { LoadedModel, NetworkRuntime, Tensor } from '../networks/runtime.ts';

/**
 * @param folder one file per call, named by network, weights and inputs; safe to delete at any time.
 * @param catalogue says which weights would answer, without loading them: answers that lie there need no session.
 */
export function createCachedRuntime(inner: NetworkRuntime, folder: string, catalogue: Catalogue): NetworkRuntime {
  mkdirSync(folder, { recursive: true });
  return {
    async load(name): Promise<LoadedModel> {
      const { version, bytes } = catalogue[name];
      return {
        device: 'wasm', version,
        async run(inputs) {
          const file = join(folder, `${keyOf(`${name} ${version} ${bytes}`, inputs)}.v8`);
          if (existsSync(file)) return deserialize(readFileSync(file)) as Record<string, Tensor>;
          const outputs = await (await inner.load(name)).run(inputs);
          const plain = Object.fromEntries(Object.entries(outputs).map(([key, { data, dims }]) => [key, { data: data.slice(), dims: [...dims] }]));
          writeFileSync(`${file}.part`, serialize(plain));
          renameSync(`${file}.part`, file);
          return plain;
        },
        dispose: async () => {},
      };
    },
    dispose: () => inner.dispose(),
  };
}

function keyOf(label: string, inputs: Readonly<Record<string, Tensor>>): string {
  const hash = createHash('sha1').update(label);
  for (const [key, { data, dims }] of Object.entries(inputs)) {
    hash.update(`${key} ${dims.join('x')}`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
