// X9: USD as text: moving points, camera and tracks with time samples.

import type { Scene } from '../scene/scene.ts';
import { placeCamera, placePoints, placeWorld, type Placement } from './axes.ts';
import { movingClouds, staticCloud, type Points } from './cloud.ts';
import { LINEAR } from './colour.ts';
import { describeExport } from './sidecar.ts';
import { movingTrails } from './tracks.ts';
import type { Exporter } from './exporter.ts';
import { guessPoints } from './ply.ts';

/** Text is large: more points at one moment make files that no editor opens. */
export const USDA_POINTS = 200_000;
const STATIC_POINTS = 120_000;
/** The width of 35 mm film, in tenths of a scene unit of one metre, as USD counts them. */
const APERTURE = 0.36;

export const usda: Exporter = {
  name: 'usda', title: 'USD scene (USDA)', purpose: 'Houdini, Maya, Omniverse, usdview',
  fixedAxes: 'y-up',
  conventions: ['The camera looks along -z, y up (USD).', 'One time code is one frame; timeCodesPerSecond is the mean frame rate of the clip.', 'Text, so thinned to 200 thousand points per moment.'],
  single: { extension: '.usda', path: 'scene.usda' },
  estimate(scene) {
    const perMoment = guessPoints(scene) - 2.5 * scene.width * scene.height;
    const points = Math.min(STATIC_POINTS, 2.5 * scene.width * scene.height) + Math.min(scene.frameCount * (USDA_POINTS - STATIC_POINTS), perMoment);
    return { bytes: 55 * points, notes: points < guessPoints(scene) * 0.95 ? ['Evenly thinned to 200 thousand points per moment.'] : [] };
  },
  *write(scene, options) {
    const place = placeWorld(scene, 'y-up', options.up);
    const T = scene.frameCount;
    const span = scene.times[T - 1] - scene.times[0];
    const fps = span > 0 ? (T - 1) / span : 24;
    const parts = [
      `#usda 1.0\n(\n    defaultPrim = "Scene"\n    upAxis = "Y"\n    metersPerUnit = 1\n    timeCodesPerSecond = ${number(fps)}\n    startTimeCode = 0\n    endTimeCode = ${T - 1}\n    customLayerData = {\n        string foursight = ${quote(JSON.stringify({ ...describeExport(scene, usda, options), frames: undefined }))}\n    }\n)\n\ndef Xform "Scene"\n{\n`,
      cameraText(scene, place),
      pointsText('Static', [staticCloud(scene, options.dropPercent, STATIC_POINTS)], place, pointWidth(scene, place)),
    ];
    yield 0.3;
    const moments: Points[] = [];
    for (const points of movingClouds(scene, options.dropPercent, USDA_POINTS - STATIC_POINTS)) {
      moments.push(points);
      yield 0.3 + (0.5 * moments.length) / T;
    }
    parts.push(pointsText('Moving', moments, place, pointWidth(scene, place)), tracksText(scene, place), '}\n');
    yield { path: 'scene.usda', bytes: new TextEncoder().encode(parts.join('')) };
  },
};

const number = (value: number): string => String(Number(value.toPrecision(6)));
const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
const tuples = (values: ArrayLike<number>): string => {
  const out: string[] = [];
  for (let i = 0; i < values.length; i += 3) out.push(`(${number(values[i])}, ${number(values[i + 1])}, ${number(values[i + 2])})`);
  return `[${out.join(', ')}]`;
};

/** About a pixel at the middle depth. */
function pointWidth({ depth, cameras }: Scene, { scale }: Placement): number {
  const some = depth.filter((z, i) => i % 97 === 0 && z > 0).sort();
  return (1.5 * scale * (some[some.length >> 1] ?? 1)) / cameras[0].fx;
}

function cameraText({ cameras, width, height }: Scene, place: Placement): string {
  // USD multiplies row vectors: the matrix stands transposed.
  const samples = cameras.map((camera, i) => {
    const m = placeCamera(place, camera, 'opengl');
    const rows = [0, 1, 2, 3].map((c) => `(${[0, 1, 2, 3].map((r) => number(m[4 * r + c])).join(', ')})`);
    return `            ${i}: ( ${rows.join(', ')} ),\n`;
  });
  const { fx, fy, cx, cy } = cameras[0];
  const focal = cameras.map((c, i) => `            ${i}: ${number((APERTURE * c.fx) / width)},\n`).join('');
  return `    def Camera "RecordedCamera"\n    {\n        float2 clippingRange = (0.001, 100000)\n        float horizontalAperture = ${APERTURE}\n        float verticalAperture = ${number((APERTURE * height * fx) / (width * fy))}\n`
    + `        float horizontalApertureOffset = ${number((APERTURE * (width / 2 - cx)) / width)}\n        float verticalApertureOffset = ${number((APERTURE * (cy - height / 2) * fx) / (width * fy))}\n`
    + `        float focalLength.timeSamples = {\n${focal}        }\n        matrix4d xformOp:transform.timeSamples = {\n${samples.join('')}        }\n        uniform token[] xformOpOrder = ["xformOp:transform"]\n    }\n\n`;
}

/** One cloud for all times, or one per frame. */
function pointsText(name: string, clouds: readonly Points[], place: Placement, width: number): string {
  const timed = (attribute: string, values: readonly string[]) => (values.length === 1 ? `        ${attribute} = ${values[0]}\n` : `        ${attribute}.timeSamples = {\n${values.map((v, i) => `            ${i}: ${v},\n`).join('')}        }\n`);
  const positions = clouds.map((cloud) => tuples(placePoints(place, cloud.xyz)));
  const colours = clouds.map((cloud) => tuples(Float32Array.from(cloud.rgb, (v) => Math.round(1000 * LINEAR[v]) / 1000)));
  return `    def Points "${name}"\n    {\n${timed('point3f[] points', positions)}        color3f[] primvars:displayColor (\n            interpolation = "vertex"\n        )\n${timed('color3f[] primvars:displayColor', colours)}`
    + `        float[] widths = [${number(width)}] (\n            interpolation = "constant"\n        )\n    }\n\n`;
}

function tracksText(scene: Scene, place: Placement): string {
  const trails = movingTrails(scene, place);
  if (trails.length === 0) return '';
  const points = Float32Array.from(trails.flatMap((t) => [...t.xyz]));
  const colours = trails.flatMap((t) => t.colour.map((c) => LINEAR[Math.round(255 * c)]));
  return `    def BasisCurves "Tracks"\n    {\n        uniform token type = "linear"\n        int[] curveVertexCounts = [${trails.map((t) => t.frames.length).join(', ')}]\n        point3f[] points = ${tuples(points)}\n`
    + `        color3f[] primvars:displayColor = ${tuples(colours)} (\n            interpolation = "uniform"\n        )\n        float[] widths = [${number(2 * pointWidth(scene, place))}] (\n            interpolation = "constant"\n        )\n    }\n`;
}
