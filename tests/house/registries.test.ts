import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './sources.ts'

/** Folders whose every file is one thing of a kind, and the list beside them that must name it. */
const registries = [
  { folder: 'packages/server/src/ingest/receivers', least: 1 },
  { folder: 'packages/server/src/alerting/rules/rule-kinds', least: 8 },
  { folder: 'packages/server/src/notify/channels', least: 1 },
  {
    folder: 'packages/server/src/cli',
    least: 6,
    leaveOut: [
      'main.ts',
      'program.ts',
      'command.ts',
      'remote.ts',
      'import-directory.ts',
      'import-history.ts',
      'oldest-kept.ts',
      'time-flag.ts',
      'local-state.ts',
      'rule-options.ts',
      'lint-options.ts',
      'input-text.ts',
      'log-line.ts',
    ],
  },
]

describe.each(registries)('$folder', ({ folder, least, leaveOut = [] }) => {
  const files = readdirSync(join(root, folder)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'registry.ts' && !leaveOut.includes(name),
  )
  const list = readFileSync(join(root, folder, 'registry.ts'), 'utf8')

  it('has files', () => {
    expect(files.length).toBeGreaterThanOrEqual(least)
  })

  it.each(files)('lists %s', (file) => {
    expect(list).toContain(`./${file}'`)
  })
})
