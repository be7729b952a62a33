// The page's files, as the build left them: found by a list made beforehand, so no path of a request ever reaches the disk.
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { acceptedEncoding } from './compress.ts'
import { pagePolicy } from './headers.ts'
import type { Answer } from './port.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
}
const maxFiles = 5000
/** How often at most the build is looked at again, in ms. */
const lookAgainMs = 1000
/** Where programs call: a path there that does not exist is an error and no page. */
const programPaths = /^\/(?:api|-|metrics|health|loki|v1|elastic|ping|federate)(?:\/|$)/

interface PageFile {
  readonly path: string
  readonly type: string
  readonly etag: string
  readonly isImmutable: boolean
  readonly encodings: ReadonlySet<string>
  readonly headers: Readonly<Record<string, string>>
}

interface Build {
  readonly builtAtMs: number
  readonly files: ReadonlyMap<string, PageFile>
}

export interface PageRequest {
  readonly method: string
  /** Decoded or not: a path with an escape is in no list. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Page {
  /** The answer where the request is for the page or one of its files; undefined where it is not. */
  answer(request: PageRequest): Promise<Answer | undefined>
}

/** For a port that programs alone call. */
export const noPage: Page = { answer: async () => undefined }

export function createPage(options: { readonly webDir: string; readonly clock: Clock }): Page {
  let build: Build | undefined
  let lookedAtMs = Number.NEGATIVE_INFINITY
  const current = async (): Promise<Build | undefined> => {
    const nowMs = options.clock.monotonicMs()
    if (nowMs - lookedAtMs < lookAgainMs) return build
    lookedAtMs = nowMs
    const builtAtMs = await modifiedAtMs(join(options.webDir, 'index.html'))
    if (builtAtMs === undefined) build = undefined
    else if (builtAtMs !== build?.builtAtMs) build = { builtAtMs, files: await listFiles(options.webDir) }
    return build
  }
  return {
    async answer(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
      const found = await current()
      const file = request.path === '/' ? undefined : found?.files.get(request.path)
      if (file !== undefined) return fileAnswer(file, request)
      if (!namesHtml(request.headers.accept) || programPaths.test(request.path)) return undefined
      const index = found?.files.get('/index.html')
      return index === undefined ? notBuilt() : fileAnswer(index, request)
    },
  }
}

const namesHtml = (accept: string | string[] | undefined): boolean =>
  typeof accept === 'string' && accept.includes('text/html')

async function fileAnswer(file: PageFile, { headers }: PageRequest): Promise<Answer> {
  const wanted = acceptedEncoding(headers['accept-encoding'])
  const encoding = [wanted, 'gzip'].find(
    (name) => name !== undefined && wanted !== undefined && file.encodings.has(name),
  )
  const answered: Record<string, string> = {
    ...file.headers,
    'content-type': file.type,
    etag: file.etag,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  }
  const known = headers['if-none-match']
  if (typeof known === 'string' && known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag)) {
    return { status: 304, headers: answered }
  }
  if (encoding === undefined) return { headers: answered, body: await readFile(file.path) }
  const body = await readFile(`${file.path}.${encoding === 'gzip' ? 'gz' : encoding}`)
  return { headers: { ...answered, 'content-encoding': encoding }, body }
}

async function modifiedAtMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    // no build, or one that is being written
    return undefined
  }
}

async function listFiles(webDir: string): Promise<Map<string, PageFile>> {
  const entries = await readdir(webDir, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(webDir.length).split(sep).join('/'))
    .map((name) => (name.startsWith('/') ? name : `/${name}`))
    .slice(0, maxFiles)
  const all = new Set(names)
  const files = new Map<string, PageFile>()
  for (const name of names) {
    const isTwin = (name.endsWith('.br') || name.endsWith('.gz')) && all.has(name.slice(0, -3))
    if (!isTwin) files.set(name, await describe(webDir, name, all))
  }
  return files
}

async function describe(webDir: string, name: string, all: ReadonlySet<string>): Promise<PageFile> {
  const path = join(webDir, name)
  const bytes = await readFile(path)
  const encodings = new Set<string>()
  if (all.has(`${name}.br`)) encodings.add('br')
  if (all.has(`${name}.gz`)) encodings.add('gzip')
  const isHtml = name.endsWith('.html')
  return {
    path,
    type: types[extname(name)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    // the build puts a hash of the content into these names
    isImmutable: name.startsWith('/assets/'),
    encodings,
    headers: isHtml ? { 'content-security-policy': pagePolicy(inlineScriptHashes(bytes.toString())) } : {},
  }
}

function inlineScriptHashes(html: string): string[] {
  const scripts = html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)
  return [...scripts].map((match) =>
    createHash('sha256')
      .update(match[1] as string)
      .digest('base64'),
  )
}

function notBuilt(): Answer {
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tidewatch</title>
<h1>The page is not built</h1>
<p>The server runs, and its API answers. To see the page, run <code>npm run build</code> in the repository and load this again.</p></html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': pagePolicy([]),
  }
  return { status: 503, headers, body }
}
