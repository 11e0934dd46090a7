import type { Readable } from 'node:stream';
import type { Storage } from './storage.ts';

export interface S3Options {
  readonly bucket: string;
  /** For stores other than Amazon's: MinIO, Ceph, R2 … */
  readonly endpoint?: string;
  readonly region: string;
  /** Before every name, so that a bucket may hold other things too. */
  readonly prefix: string;
}

/** Any S3-compatible store; keys come from the environment or the machine's role, as the AWS client finds them. */
export async function openS3({ bucket: Bucket, endpoint, region, prefix }: S3Options): Promise<Storage> {
  // Loaded only where it is used: a server on a disk starts without it.
  const { DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    region, endpoint, forcePathStyle: endpoint !== undefined, maxAttempts: 4,
    // Many compatible stores do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const Key = (name: string) => `${prefix}${name}`;
  const get = (name: string, Range?: string) => client.send(new GetObjectCommand({ Bucket, Key: Key(name), Range })).catch((error: { name?: string; $metadata?: { httpStatusCode?: number } }) => {
    if (error.name === 'NoSuchKey' || error.$metadata?.httpStatusCode === 404) return null;
    throw error;
  });
  return {
    async put(name, bytes) {
      await client.send(new PutObjectCommand({ Bucket, Key: Key(name), Body: bytes, ContentLength: bytes.length }));
    },
    async read(name) {
      const found = await get(name);
      return found ? found.Body!.transformToByteArray() : null;
    },
    async stream(name, from, to) {
      const found = await get(name, `bytes=${from}-${to}`);
      return found ? (found.Body as Readable) : null;
    },
    async list(start) {
      const names: string[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: Key(start), ContinuationToken: token }));
        names.push(...(page.Contents ?? []).map((entry) => entry.Key!.slice(prefix.length)));
        token = page.NextContinuationToken;
      } while (token);
      return names;
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: Key(name) }));
    },
    free: () => Promise.resolve(Infinity),
    async check() {
      await client.send(new HeadBucketCommand({ Bucket }));
    },
  };
}
