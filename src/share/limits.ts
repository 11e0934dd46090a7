/** What page and server accept; both refuse before anything is allocated. */
export const LIMITS = {
  frames: 1000,
  /** Longest side of a working frame, px. */
  side: 2048,
  /** Frames × pixels of a scene: decoded it takes about ten bytes each. */
  pixels: 120e6,
  tracks: 20_000,
  /** Tracks × frames. */
  trackPoints: 2e6,
  /** The container's header of JSON. */
  headerBytes: 1e6,
  chunks: 2000,
  /** A shared scene as it is sent. */
  sceneBytes: 64 * 2 ** 20,
  posterBytes: 500_000,
  /** The moving preview. */
  clipBytes: 3_000_000,
  clipSecs: 4,
  /** scene.npz beside a shared scene, for those who want every bit of it. */
  losslessBytes: 192 * 2 ** 20,
  /** Pieces that an upload is cut into; each may be sent again by itself. */
  pieceBytes: 512 * 2 ** 10,
  titleLength: 120,
  /** Moments of one scene that have a card of their own. */
  moments: 50,
} as const;
