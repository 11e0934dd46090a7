// Export: which format, in which axes, how large; with progress for large ones.

import { DEFAULT_EXPORT, EXPORTERS, exportFiles, findExporter, WORLD_AXES, zipFiles, type Exporter, type ExportOptions, type Vec3, type WorldAxes } from '../../exporters/index.ts';
import { isCancelled } from '../../scene/errors.ts';
import type { Scene } from '../../scene/scene.ts';
import { estimateUp, upOf } from '../../viewer/up.ts';
import type { App } from '../app.ts';
import { h, put, slider } from '../dom.ts';
import { download } from '../files.ts';
import { formatBytes } from '../format.ts';
import { fileName } from './standalone.ts';

/** These say themselves what their axes and units are: no archive around them. */
const BARE: ReadonlySet<string> = new Set(['glb', 'usda', 'npz']);

export function createExportDialog(app: App): { element: HTMLDialogElement; show(): void } {
  let scene: Scene | null = null;
  let up: Vec3 = DEFAULT_EXPORT.up;
  let stop: AbortController | null = null;
  let dropPercent = DEFAULT_EXPORT.dropPercent;
  const select = (testId: string, choices: readonly (readonly [string, string])[]) => h('select', { 'data-testid': testId, onchange: () => tell() }, ...choices.map(([value, text]) => h('option', { value }, text)));
  const format = select('export-format', EXPORTERS.map((e) => [e.name, e.title]));
  const axes = select('export-axes', Object.entries(WORLD_AXES));
  const layout = select('export-layout', [['sequence', 'What stands still once, what moves frame by frame'], ['merged', 'Everything in one file']]);
  const decimals = select('export-decimals', [['point', '1.5 separated by commas'], ['comma', '1,5 separated by semicolons']]);
  const drop = slider('Leave out the least sure points', { min: 0, max: 95, step: 5 }, (v) => `${v} %`, (v) => { dropPercent = v; }, 'export-drop');
  const field = (label: string, input: HTMLElement) => h('label', { class: 'field' }, h('span', {}, label), input);
  const [axesField, layoutField, decimalsField] = [field('Axes', axes), field('Files', layout), field('Numbers', decimals)];
  const purpose = h('p', {});
  const facts = h('p', { class: 'note', 'data-testid': 'export-size', role: 'status' });
  const bar = h('progress', { max: 1, value: 0, hidden: true });
  const cancel = h('button', { type: 'button', 'data-testid': 'export-cancel', onclick: () => { if (stop) stop.abort(); else dialog.close(); } }, 'Close');
  const save = h('button', { type: 'button', class: 'primary', 'data-testid': 'export-save', onclick: () => void run() }, 'Export');
  const dialog = h('dialog', { class: 'sheet', 'aria-labelledby': 'export-heading', 'data-testid': 'export', oncancel: (event: Event) => { if (stop) { event.preventDefault(); stop.abort(); } } },
    h('header', {}, h('h2', { id: 'export-heading' }, 'Export for other programs')), field('Format', format), purpose, axesField, layoutField, decimalsField, drop.element, facts, bar, h('footer', {}, cancel, save));
  drop.set(dropPercent);

  const chosen = (): Exporter => findExporter(format.value)!;
  const options = (): ExportOptions => ({ axes: axes.value as WorldAxes, up, dropPercent, layout: layout.value as ExportOptions['layout'], decimals: decimals.value as ExportOptions['decimals'] });

  function tell(): void {
    if (!scene) return;
    const exporter = chosen();
    const { bytes, notes } = exporter.estimate(scene, options());
    purpose.textContent = `For ${exporter.purpose}.`;
    axesField.hidden = exporter.fixedAxes !== null;
    layoutField.hidden = exporter.name !== 'ply';
    decimalsField.hidden = exporter.name !== 'csv';
    drop.element.hidden = !['ply', 'glb', 'usda', 'blender', 'colmap', 'nerfstudio'].includes(exporter.name);
    const unit = scene.metresPerUnit === null ? 'Lengths are relative units (u): no scale has been set.' : 'Lengths are metres.';
    put(facts, [`About ${formatBytes(bytes)}.`, exporter.fixedAxes ? `Axes: ${WORLD_AXES[exporter.fixedAxes]}.` : '', unit, ...notes].filter(Boolean).join(' '));
  }

  async function run(): Promise<void> {
    if (!scene || stop) return;
    const exporter = chosen();
    stop = new AbortController();
    bar.hidden = false;
    save.disabled = true;
    cancel.textContent = 'Cancel';
    try {
      const blob = await collect(exporter, scene, options(), stop.signal, (share) => { bar.value = share; });
      download(blob, fileName(scene.meta.title) + (BARE.has(exporter.name) ? exporter.single!.extension : `-${exporter.name}.zip`));
      app.announce('The export is saved.');
    } catch (error) {
      if (!isCancelled(error)) app.fail(error);
    } finally {
      stop = null;
      bar.hidden = true;
      save.disabled = false;
      cancel.textContent = 'Close';
    }
  }

  return {
    element: dialog,
    show() {
      scene = app.store.state.open?.scene ?? null;
      if (!scene) return;
      up = upOf(scene) ?? estimateUp(scene);
      tell();
      dialog.showModal();
    },
  };
}

async function collect(exporter: Exporter, scene: Scene, options: ExportOptions, signal: AbortSignal, onProgress: (share: number) => void): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const files = breathing(exportFiles(scene, exporter, options, signal, onProgress), signal);
  if (!BARE.has(exporter.name)) {
    await zipFiles(files, (piece) => pieces.push(piece));
    return new Blob(pieces, { type: 'application/zip' });
  }
  for await (const { path, bytes } of files) if (path === exporter.single!.path) pieces.push(bytes);
  return new Blob(pieces, { type: 'application/octet-stream' });
}

/** Lets the page draw and hear "Cancel" between two files. */
async function* breathing<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve));
  }
}
