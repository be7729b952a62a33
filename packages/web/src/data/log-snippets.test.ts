import { expect, it } from 'vitest'
import { logSnippets } from './log-snippets.ts'

it('puts the real address and key where they belong', () => {
  const snippets = logSnippets('https://t.example.org', 'twk_7f3a')
  for (const title of ['curl', 'winston', 'pino', 'OpenTelemetry', 'Filebeat', 'Loki push']) {
    const text = snippets.find((one) => one.title === title)?.text
    expect(text, title).toContain('https://t.example.org')
    expect(text, title).toContain('twk_7f3a')
  }
  expect(snippets.find(({ title }) => title === 'nc')?.text).toContain('nc -q1 t.example.org 5000')
})
