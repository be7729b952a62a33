import type { PipelineTrialResult } from '@tidewatch/api/logs.ts'
import { useMemo, useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { type PipelineTrial, usePipelineTrial } from '../../data/logs.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { type EditorMark, QueryEditor } from '../../ui/query-editor.tsx'
import { formatNumber } from '../../ui/units.ts'
import { keepTrial, keptTrial, starters } from './pipeline-starters.ts'

const yamlLanguage = async () => (await import('../../data/yaml-editor.ts')).yamlLanguage()
const logstashLanguage = async () => (await import('../../data/logstash-editor.ts')).logstashLanguage()

/** A pipeline over lines of its reader's choice: what comes out, and which step failed. Nothing is stored. */
export function PipelinesTab() {
  const [trial, setTrial] = useState<PipelineTrial>(() => keptTrial(sessionStorage) ?? starters.logstash)
  const run = usePipelineTrial()
  const change = (part: Partial<PipelineTrial>) => {
    const next = { ...trial, ...part }
    keepTrial(sessionStorage, next)
    setTrial(next)
  }
  const changeFormat = (format: PipelineTrial['format']) => {
    const isUntouched = trial.text === starters[trial.format].text || trial.text.trim() === ''
    change(isUntouched ? { format, text: starters[format].text } : { format })
  }
  const marks = useMemo(() => marksOf(run.data), [run.data])
  return (
    <div className="log-pipelines">
      <section aria-label="Pipeline">
        <div className="row log-pane-head">
          <h2>Pipeline</h2>
          <select
            className="select end"
            aria-label="Language of the pipeline"
            value={trial.format}
            onChange={({ target }) => changeFormat(target.value === 'yaml' ? 'yaml' : 'logstash')}
          >
            <option value="logstash">Logstash</option>
            <option value="yaml">YAML</option>
          </select>
        </div>
        <div className="log-pane">
          <QueryEditor
            key={trial.format}
            name="Pipeline"
            placeholder="filter { … }"
            value={trial.text}
            language={trial.format === 'yaml' ? yamlLanguage : logstashLanguage}
            isFile
            marks={marks}
            onChange={(text) => change({ text })}
            onRun={() => run.mutate(trial)}
          />
        </div>
      </section>
      <section aria-label="Sample lines">
        <div className="row log-pane-head">
          <h2>Sample lines</h2>
          <span className="third small">JSON objects are events, other lines are messages</span>
        </div>
        <textarea
          className="log-pane log-sample"
          aria-label="Sample lines"
          spellCheck={false}
          value={trial.sample}
          onChange={({ target }) => change({ sample: target.value })}
        />
      </section>
      <div className="row log-pipeline-run">
        <button type="button" className="button primary" disabled={run.isPending} onClick={() => run.mutate(trial)}>
          {run.isPending ? 'Running' : 'Run'}
        </button>
        <span className="third small">nothing is stored or sent; Ctrl Enter in the editor does the same</span>
      </div>
      {run.error !== null && <ProblemBox problem={problemOf(run.error)} />}
      {run.data !== undefined && run.error === null && <Result result={run.data} />}
    </div>
  )
}

function marksOf(result: PipelineTrialResult | undefined): EditorMark[] {
  if (result === undefined) return []
  const failed = result.events.flatMap(({ failures }) => failures)
  const first = new Map(failed.map(({ line, step, message }) => [line, `${step}: ${message}`]))
  return [
    ...result.problems.map(({ line = 1, column = 1, message }) => ({ line, column, message })),
    ...[...first].map(([line, message]) => ({ line, column: 1, message })),
  ]
}

function Result({ result: { problems, notices, events } }: { readonly result: PipelineTrialResult }) {
  if (problems.length > 0) {
    return (
      <ul className="log-trial" aria-label="Faults of the pipeline">
        {problems.map(({ line, column, message }) => (
          <li key={`${line} ${column} ${message}`}>
            <Glyph state="critical" name="fault" /> {line !== undefined && <b>Line {line}: </b>}
            {message}
          </li>
        ))}
      </ul>
    )
  }
  const failed = events.filter(({ failures }) => failures.length > 0).length
  return (
    <section className="section" aria-label="What came out">
      <p role="status" className="small">
        <Glyph state={failed === 0 ? 'fine' : 'warning'} /> {formatNumber(events.length)}{' '}
        {events.length === 1 ? 'line' : 'lines'},{' '}
        {failed === 0 ? 'no step failed' : `a step failed on ${formatNumber(failed)}`}
      </p>
      {notices.map((notice) => (
        <p key={notice} className="small second">
          <Glyph state="info" name="notice" /> {notice}
        </p>
      ))}
      <ol className="log-trial" aria-label="Events">
        {events.map((event) => (
          <TrialEvent key={event.line} event={event} />
        ))}
      </ol>
    </section>
  )
}

function TrialEvent({ event: { line, out, outputs, failures } }: { event: PipelineTrialResult['events'][number] }) {
  return (
    <li>
      <p className="row wrap small">
        <span className="label">Line {line}</span>
        <span className="third">
          {out.length === 0 ? 'dropped' : out.length === 1 ? '' : `became ${out.length}`}
          {outputs.length > 0 ? ` → ${outputs.join(', ')}` : ''}
        </span>
      </p>
      {failures.map(({ step, line: at, tag, message }) => (
        <p key={`${at} ${step} ${tag}`} className="small">
          <Glyph state="warning" name="failed step" /> <b>{step}</b> in line {at}: {message}{' '}
          <span className="chip">{tag}</span>
        </p>
      ))}
      {out.map((one, i) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls sideways must be reachable by keyboard
        // biome-ignore lint/suspicious/noArrayIndexKey: the events of one line, in their order
        <pre key={i} className="log-json" tabIndex={0}>
          {JSON.stringify(one, undefined, 2)}
        </pre>
      ))}
    </li>
  )
}
