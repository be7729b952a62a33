import { expect, test } from 'vitest'
import { junitXml } from './junit.ts'

test('results as build servers read them', () => {
  const cases = [
    { name: 'fine', failures: [] },
    { name: 'a & b', failures: ['  expr: "up", got:\n<1>\0', 'second'] },
  ]
  const broken = { name: 'abort', failures: [], error: 'no such file' }
  expect(
    junitXml([
      { name: 'a.yml', atMs: 0, cases },
      { name: 'b.yml', atMs: 1000, cases: [broken] },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a.yml" tests="2" failures="2" errors="0" timestamp="1970-01-01T00:00:00.000Z">
    <testcase name="fine">
    </testcase>
    <testcase name="a &amp; b">
      <failure>  expr: &quot;up&quot;, got:&#xA;&lt;1&gt;\ufffd</failure>
      <failure>second</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.yml" tests="1" failures="0" errors="1" timestamp="1970-01-01T00:00:01.000Z">
    <testcase name="abort">
      <error>no such file</error>
    </testcase>
  </testsuite>
</testsuites>
`)
})
