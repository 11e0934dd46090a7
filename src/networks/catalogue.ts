// public/models/catalog.json: written by the export step in models/, read here.

import { FoursightError } from '../scene/errors.ts';
import { NETWORK_NAMES, type NetworkName } from './runtime.ts';

export interface CatalogueEntry {
  readonly name: NetworkName;
  /** File beside the catalogue. */
  readonly file: string;
  readonly version: string;
  readonly bytes: number;
}

export type Catalogue = Readonly<Record<NetworkName, CatalogueEntry>>;

/** Reads catalog.json; throws network/load-failed that says what is missing. */
export function parseCatalogue(text: string): Catalogue {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('is not JSON');
  }
  const networks = isObject(json) ? json.networks : undefined;
  if (!isObject(networks)) return refuse('has no "networks"');
  const entries = NETWORK_NAMES.map((name): [NetworkName, CatalogueEntry] => {
    const entry = networks[name];
    if (!isObject(entry)) return refuse(`lacks the ${name} network`);
    const { file, version, bytes } = entry;
    // A plain name, so that a broken catalogue cannot send the app to another server.
    if (typeof file !== 'string' || !/^[\w.-]+\.onnx$/.test(file)) return refuse(`names no .onnx file for the ${name} network`);
    if (typeof version !== 'string') return refuse(`gives no version of the ${name} network`);
    return [name, { name, file, version, bytes: typeof bytes === 'number' ? bytes : 0 }];
  });
  return Object.fromEntries(entries) as unknown as Catalogue;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(fault: string): never {
  throw new FoursightError('network/load-failed', `The list of networks (models/catalog.json) ${fault}; the app was not built completely.`);
}
