// The standard pattern files of Logstash (logstash-patterns-core, Apache-2.0: see NOTICE), in both of their naming schemes.
import { readPatternFile } from './pattern-file.ts'
import ecsV1 from './patterns/ecs-v1.json' with { type: 'json' }
import legacy from './patterns/legacy.json' with { type: 'json' }

export type PatternSet = 'legacy' | 'ecs-v1'

const files: Readonly<Record<PatternSet, Readonly<Record<string, readonly string[]>>>> = { legacy, 'ecs-v1': ecsV1 }
const read = new Map<PatternSet, ReadonlyMap<string, string>>()

/** The patterns of a set by name. A later file's definition of a name wins, in the order of the files' names. */
export function standardPatterns(set: PatternSet): ReadonlyMap<string, string> {
  let patterns = read.get(set)
  if (patterns === undefined) {
    const lines = Object.values(files[set]).flat()
    patterns = readPatternFile(lines.join('\n'))
    read.set(set, patterns)
  }
  return patterns
}
