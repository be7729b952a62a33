import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from './disk.ts'

test('a folder is listed while files in it are replaced', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'spool-disk-'))
  try {
    await writeFile(join(dir, 'stays'), 'abc')
    let isOver = false
    const replacing = (async () => {
      for (let i = 0; !isOver; i++) await nodeDisk.replace(join(dir, `replaced-${i % 20}`), String(i))
    })()
    for (let i = 0; i < 100; i++) {
      const names = (await nodeDisk.list(dir)).map(({ name, bytes }) => `${name} ${bytes}`)
      expect(names).toContain('stays 3')
    }
    isOver = true
    await replacing
  } finally {
    await rm(dir, { recursive: true })
  }
})
