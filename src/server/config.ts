// What npm start understands; every setting has a default that needs nothing installed.

import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Config {
  readonly host: string;
  /** Null: the preferred port, or any free one. */
  readonly port: number | null;
  /** Folder of the built app. */
  readonly app: string;
  /** Folder of the disk storage. */
  readonly data: string;
  readonly s3: { readonly bucket: string; readonly endpoint?: string; readonly region: string; readonly prefix: string } | null;
  /** Address that people see, where a proxy stands before the server; else the request's own. */
  readonly publicUrl: string | null;
  /** Believe the proxy about who asks. */
  readonly trustProxy: boolean;
  readonly log: 'silent' | 'warn' | 'info';
  /** For each address. */
  readonly requestsPerMinute: number;
  readonly uploadsPerHour: number;
  /** Longest life of a link; null: until its owner deletes it. */
  readonly maxDays: number | null;
}

export const USAGE = 'npm start -- [--port N] [--host NAME] [--data FOLDER] [--s3-bucket NAME [--s3-endpoint URL] [--s3-region NAME] [--s3-prefix TEXT]] [--public-url URL] [--trust-proxy] [--max-days N] [--log warn|info]';

/** Throws an Error of one sentence. */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, root: string): Config {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      host: { ...text, default: 'localhost' }, port: text, app: text, data: text, 's3-bucket': text, 's3-endpoint': text, 's3-region': text, 's3-prefix': text, 'public-url': text,
      'trust-proxy': { type: 'boolean', default: false }, log: { ...text, default: 'warn' }, 'requests-per-minute': text, 'uploads-per-hour': text, 'max-days': text,
    },
  });
  const whole = (name: 'port' | 'requests-per-minute' | 'uploads-per-hour' | 'max-days', least: number, most: number, fallback: number): number => {
    const given = values[name];
    const value = given === undefined ? fallback : Number(given);
    if (!Number.isInteger(value) || value < least || value > most) throw new Error(`--${name} is "${given}"; it must be a number from ${least} to ${most}.`);
    return value;
  };
  const { log } = values;
  if (log !== 'silent' && log !== 'warn' && log !== 'info') throw new Error(`--log is "${log}"; it must be warn or info.`);
  const publicUrl = values['public-url'] ?? env.FOURSIGHT_PUBLIC_URL ?? null;
  if (publicUrl !== null && !/^https?:\/\/[^/]+\/?$/.test(publicUrl)) throw new Error(`--public-url is "${publicUrl}"; it must be like https://scenes.example.org.`);
  const bucket = values['s3-bucket'] ?? env.FOURSIGHT_S3_BUCKET;
  return {
    host: values.host, port: values.port === undefined ? null : whole('port', 0, 65535, 0),
    app: values.app ?? join(root, 'dist'), data: values.data ?? env.FOURSIGHT_DATA ?? join(root, 'data'),
    s3: bucket === undefined ? null : { bucket, endpoint: values['s3-endpoint'] ?? env.FOURSIGHT_S3_ENDPOINT, region: values['s3-region'] ?? env.AWS_REGION ?? 'us-east-1', prefix: values['s3-prefix'] ?? '' },
    publicUrl: publicUrl?.replace(/\/$/, '') ?? null, trustProxy: values['trust-proxy'], log,
    requestsPerMinute: whole('requests-per-minute', 1, 1e9, 1200), uploadsPerHour: whole('uploads-per-hour', 1, 1e9, 60), maxDays: values['max-days'] === undefined ? null : whole('max-days', 1, 36500, 1),
  };
}
