import type { LocalSink } from '../local.ts'

/** Reads one part of the host: one file here, one line in registry.ts. Names and labels are those of Prometheus's node_exporter. */
export interface HostCollector {
  readonly name: string
  collect(host: HostFiles, sink: LocalSink): Promise<void> | void
}

/** The host's files, below a root that tests replace, and its time. */
export interface HostFiles {
  /** The text of a file such as `/proc/stat`; undefined where this system has none. */
  read(path: string): Promise<string | undefined>
  nowMs(): number
}

/** A family of one sample without labels. */
export function single(sink: LocalSink, name: string, type: 'counter' | 'gauge', help: string, value: number): void {
  sink.family(name, type, help)
  sink.sample(name, [], value)
}

/** Lines of a file without the empty ones. */
export function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('\n').filter((line) => line !== '')
}

/** The words of a line. */
export function wordsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/)
}
