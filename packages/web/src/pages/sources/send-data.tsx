import { useQuery } from '@tanstack/react-query'
import { useCreateIngestKey } from '../../data/accounts.ts'
import { problemOf } from '../../data/client.ts'
import { logSnippets } from '../../data/log-snippets.ts'
import { newestSampleQuery } from '../../data/newest-sample.ts'
import { useMay } from '../../data/session.ts'
import { metricSnippets } from '../../data/snippets.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { formatAge } from '../../ui/units.ts'

/** Snippets with the real address, and a real key once one is made. */
export function SendData() {
  const create = useCreateIngestKey()
  const mayCreate = useMay('admin')
  const secret = create.data?.secret
  return (
    <section className="section" aria-label="Send data">
      <div className="section-head">
        <h2>Send data</h2>
        <span className="third small">nothing to install: each way is one changed URL</span>
      </div>
      <div className="send-key small">
        <span className="third">Address</span>
        <span className="chip">
          <b>{location.origin}</b>
        </span>
        <CopyButton text={location.origin} />
        <span className="third">Ingest key</span>
        {secret !== undefined ? (
          <>
            <span className="chip">
              <b>{secret}</b>
            </span>
            <CopyButton text={secret} />
            <span className="third">It can only write, and is shown only now.</span>
          </>
        ) : mayCreate ? (
          <button
            type="button"
            className="button little"
            disabled={create.isPending}
            onClick={() => create.mutate('first data')}
          >
            Make a key
          </button>
        ) : (
          <span className="second">an administrator makes one in Settings</span>
        )}
      </div>
      {create.error !== null && <ProblemBox problem={problemOf(create.error)} />}
      <CodeBlock name="Ways to send metrics" snippets={metricSnippets(location.origin, secret)} />
      <Arriving />
      <h3 className="send-logs">Logs</h3>
      <CodeBlock name="Ways to send logs" snippets={logSnippets(location.origin, secret)} />
    </section>
  )
}

function Arriving() {
  const { data } = useQuery({ ...newestSampleQuery, refetchInterval: 5000 })
  const ageMs = data?.ageMs
  return (
    <p className="row small arriving" role="status">
      <Glyph state={ageMs === undefined ? 'no-data' : 'fine'} />
      {ageMs === undefined ? (
        <span className="label">Waiting for the first sample</span>
      ) : (
        <span>Newest scraped sample {formatAge(ageMs)} ago</span>
      )}
    </p>
  )
}
