import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsePipeline } from './parse.ts'
import { conformanceDir } from './testing/conformance.ts'
import { treeOf } from './testing/tree.ts'

const read = (name: string): string => readFileSync(join(conformanceDir, name), 'utf8')
const pipelines = readdirSync(join(conformanceDir, 'pipelines')).filter((name) => name.endsWith('.conf'))
interface Broken {
  readonly file: string
  readonly line: number
  readonly column: number
}
const broken: readonly Broken[] = JSON.parse(read('broken.json'))

describe('the grammar of pipeline files', () => {
  it('has its cases', () => {
    expect([pipelines.length, broken.length]).toEqual([25, 17])
  })

  it.each(pipelines)('reads %s', (name) => {
    const result = parsePipeline(read(`pipelines/${name}`), name)
    expect(result.ok ? { sections: result.sections.map(treeOf) } : result.problem).toEqual(
      JSON.parse(read(`pipelines/${name.replace('.conf', '.json')}`)),
    )
  })

  it.each(broken)('says where $file is broken', ({ file, line, column }) => {
    const result = parsePipeline(read(file), file)
    expect(result.ok ? 'was read' : result.problem.where).toEqual({ file, line, column })
    expect(result.ok ? '' : result.problem.message).toMatch(/\w/)
  })
})
