/** Where an archive lies. Names are paths with slashes below its root, of characters that need no escape. */
export interface ArchiveTarget extends Disposable {
  /** For people, without secrets: `/srv/archive`, `s3://bucket/prefix`. */
  readonly place: string
  /** The file whole, or nothing under that name; replaces what was there. */
  put(name: string, file: StoredFile, options: Waiting): Promise<void>
  putText(name: string, text: string, options: Waiting): Promise<void>
  /** Throws `state.not_found`. */
  read(name: string, options: Waiting): AsyncIterable<Uint8Array>
  /** All names that begin so. */
  list(prefix: string, options: Waiting): AsyncIterable<string>
  /** What is not there is no failure. */
  remove(name: string, options: Waiting): Promise<void>
}

export interface Waiting {
  readonly signal: AbortSignal
}

/** A file of our own on its way. */
export interface StoredFile {
  readonly path: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}
