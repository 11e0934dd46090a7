// The scene.npz beside a link, fetched and opened with the link's key where it is private.

import { FoursightError } from '../../scene/errors.ts';
import { ShareClient } from '../../share/client.ts';
import { decrypt } from '../../share/crypto.ts';
import { LIMITS } from '../../share/limits.ts';
import { download } from '../files.ts';
import { joinPieces } from './open-link.ts';
import { fileName } from './standalone.ts';

export async function saveLossless({ id, title, secret }: { readonly id: string; readonly title: string; readonly secret: string | null }): Promise<void> {
  const client = new ShareClient();
  const info = await client.info(id);
  if (!info.lossless) throw new FoursightError('scene/not-a-scene', 'There is no scene.npz beside this link any more.');
  const bytes = await joinPieces(client.lossless(info), LIMITS.losslessBytes * 1.01);
  download(secret ? await decrypt(bytes, secret) : bytes, `${fileName(title)}.npz`);
}
