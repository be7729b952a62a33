import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, it } from 'vitest'
import { exposeJson, exposeText } from './expose.ts'
import { createGroup, type GroupFamily } from './groups.ts'

function familyOf(
  name: string,
  type: GroupFamily['type'],
  series: readonly [Record<string, string>, number][],
): GroupFamily {
  return {
    ...{ name, type, help: 'A \\ and\na line.', atMs: 1000 },
    series: series.map(([labels, value]) => ({ labels: Labels.from({ __name__: name, job: 'j', ...labels }), value })),
  }
}

const content = { project: defaultProject, pushedAtMs: 1500, failedAtMs: 0 }
const groups = [
  createGroup({
    ...content,
    grouping: [['job', 'j']],
    families: [
      familyOf('m', 'gauge', [[{ path: 'a"\\\n' }, Number.NaN]]),
      familyOf('utf8.name', 'untyped', [[{ 'a.b': 'x' }, 1e21]]),
      familyOf('h', 'histogram', [
        [{ __name__: 'h_bucket', le: '+Inf' }, 2],
        [{ __name__: 'h_sum' }, 0.5],
        [{ __name__: 'h_count' }, 2],
      ]),
    ],
  }),
  createGroup({
    ...content,
    grouping: [
      ['instance', 'i'],
      ['job', 'j'],
    ],
    families: [familyOf('m', 'gauge', [[{ instance: 'i' }, -1]])],
  }),
]

it('shows groups in the text format, a name once', async () => {
  expect(await exposeText(groups)).toMatchInlineSnapshot(`
    "# HELP h A \\\\ and\\na line.
    # TYPE h histogram
    h_bucket{job="j",le="+Inf",instance=""} 2
    h_sum{job="j",instance=""} 0.5
    h_count{job="j",instance=""} 2
    # HELP m A \\\\ and\\na line.
    # TYPE m gauge
    m{job="j",path="a\\"\\\\\\n",instance=""} NaN
    m{instance="i",job="j"} -1
    # HELP push_failure_time_seconds Last Unix time when changing this group in the Pushgateway failed.
    # TYPE push_failure_time_seconds gauge
    push_failure_time_seconds{job="j",instance=""} 0
    push_failure_time_seconds{instance="i",job="j"} 0
    # HELP push_time_seconds Last Unix time when changing this group in the Pushgateway succeeded.
    # TYPE push_time_seconds gauge
    push_time_seconds{job="j",instance=""} 1.5
    push_time_seconds{instance="i",job="j"} 1.5
    # HELP "utf8.name" A \\\\ and\\na line.
    # TYPE "utf8.name" untyped
    {"utf8.name","a.b"="x",job="j",instance=""} 1e+21
    "
  `)
  expect(await exposeText([])).toBe('')
})

it("shows groups in the JSON of the Pushgateway's API", () => {
  expect(exposeJson(groups.slice(0, 1))).toMatchInlineSnapshot(`
    [
      {
        "h": {
          "help": "A \\ and
    a line.",
          "metrics": [
            {
              "buckets": {
                "+Inf": "2",
              },
              "count": "2",
              "labels": {
                "instance": "",
                "job": "j",
              },
              "sum": "0.5",
            },
          ],
          "time_stamp": "1970-01-01T00:00:01.000Z",
          "type": "HISTOGRAM",
        },
        "labels": {
          "job": "j",
        },
        "last_push_successful": true,
        "m": {
          "help": "A \\ and
    a line.",
          "metrics": [
            {
              "labels": {
                "instance": "",
                "job": "j",
                "path": "a"\\
    ",
              },
              "value": "NaN",
            },
          ],
          "time_stamp": "1970-01-01T00:00:01.000Z",
          "type": "GAUGE",
        },
        "push_failure_time_seconds": {
          "help": "Last Unix time when changing this group in the Pushgateway failed.",
          "metrics": [
            {
              "labels": {
                "instance": "",
                "job": "j",
              },
              "value": "0",
            },
          ],
          "time_stamp": "1970-01-01T00:00:00.000Z",
          "type": "GAUGE",
        },
        "push_time_seconds": {
          "help": "Last Unix time when changing this group in the Pushgateway succeeded.",
          "metrics": [
            {
              "labels": {
                "instance": "",
                "job": "j",
              },
              "value": "1.5",
            },
          ],
          "time_stamp": "1970-01-01T00:00:01.500Z",
          "type": "GAUGE",
        },
        "utf8.name": {
          "help": "A \\ and
    a line.",
          "metrics": [
            {
              "labels": {
                "a.b": "x",
                "instance": "",
                "job": "j",
              },
              "value": "1e+21",
            },
          ],
          "time_stamp": "1970-01-01T00:00:01.000Z",
          "type": "UNTYPED",
        },
      },
    ]
  `)
})
