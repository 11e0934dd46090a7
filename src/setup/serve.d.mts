import type { IncomingMessage, ServerResponse } from 'node:http';

export type Handler = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
export interface Served { readonly url: string; close(): Promise<void> }
export function serve(options: { folder: string; host?: string; port?: number; strict?: boolean; handlers?: Handler[] }): Promise<Served>;
export function sendFile(file: string, size: number, request: IncomingMessage, response: ServerResponse, headers?: Record<string, string>): Promise<void>;
