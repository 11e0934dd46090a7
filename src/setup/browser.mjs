// Finds a Chromium for the tests and the command line, and installs one where that is possible.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, runTool } from './install.mjs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const MAC_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
const WINDOWS_PATHS = [String.raw`Google\Chrome\Application\chrome.exe`, String.raw`Chromium\Application\chrome.exe`, String.raw`Microsoft\Edge\Application\msedge.exe`];

/** Path of an installed browser, or null. */
export async function findBrowser() {
  return [process.env.CHROME_PATH, ...usualPlaces(), await playwrightBrowser()].find((path) => path && existsSync(path)) ?? null;
}

function usualPlaces() {
  const { env, platform } = process;
  if (platform === 'win32') {
    const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean);
    return roots.flatMap((root) => WINDOWS_PATHS.map((path) => join(root, path)));
  }
  const apps = platform === 'darwin' ? MAC_APPS.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`) : [];
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...apps, ...COMMANDS.flatMap((name) => folders.map((folder) => join(folder, name)))];
}

async function playwrightBrowser() {
  try {
    return (await import('playwright')).chromium.executablePath();
  } catch {
    return null;
  }
}

/** Path of a browser; installs one when there is none: Debian's package as root, else Playwright's own. */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;
  console.error('No Chromium or Chrome found; installing one (once) …');
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) installDebianPackage();
  const packaged = await findBrowser();
  // Ubuntu's package of that name is only a pointer to a snap, so it has to prove that it starts.
  if (packaged && spawnSync(packaged, ['--version', '--no-sandbox'], { stdio: 'ignore' }).status === 0) return packaged;
  runTool('playwright/cli.js', ['install', 'chromium'], { quiet: true });
  return (await playwrightBrowser().then((path) => (path && existsSync(path) ? path : null)))
    ?? fail('No browser could be installed: install Chrome or Chromium by hand, or set CHROME_PATH to one, and run this again.');
}

function installDebianPackage() {
  const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  if (spawnSync('apt-get', ['update', '-qq'], options).status === 0) {
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  }
}

/** What every launch needs; Chromium refuses its sandbox to root. */
export function launchArgs({ webgpu = false } = {}) {
  return [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...(webgpu ? ['--enable-unsafe-webgpu'] : [])];
}
