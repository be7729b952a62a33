import { expect, it } from 'vitest'
import { metricSnippets, readSnippets } from './snippets.ts'

it('puts the real address and key into every snippet that needs them', () => {
  const [remoteWrite] = metricSnippets('http://localhost:4900', 'twk_7f3a')
  expect(remoteWrite?.text).toMatchInlineSnapshot(`
    "remote_write:
      - url: http://localhost:4900/api/v1/write
        authorization:
          credentials: twk_7f3a
    "
  `)
  for (const title of ['OpenTelemetry', 'Pushgateway', 'CloudWatch', 'One value']) {
    const text = metricSnippets('http://localhost:4900', 'twk_7f3a').find((one) => one.title === title)?.text
    expect(text).toContain('http://localhost:4900')
    expect(text).toContain('twk_7f3a')
  }
  for (const { text } of readSnippets('https://t.example.org', 'twt_1')) {
    expect(text).toContain('https://t.example.org')
    expect(text).toContain('Bearer twt_1')
  }
})
