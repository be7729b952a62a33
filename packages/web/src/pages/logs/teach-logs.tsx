import { useCreateIngestKey } from '../../data/accounts.ts'
import { problemOf } from '../../data/client.ts'
import { logSnippets } from '../../data/log-snippets.ts'
import { useMay } from '../../data/session.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'

/** No line was ever sent: how the first ones come. */
export function TeachLogs() {
  const create = useCreateIngestKey()
  const mayCreate = useMay('admin')
  return (
    <section className="section log-teach" aria-label="Send the first lines">
      <h2>No line was sent yet</h2>
      <p className="second">
        Every way below works as it stands: what sends to Elasticsearch, Logstash, Loki or syslog today changes one
        address.
      </p>
      {create.data === undefined && mayCreate && (
        <p className="row small">
          <button
            type="button"
            className="button little"
            disabled={create.isPending}
            onClick={() => create.mutate('first lines')}
          >
            Make a key
          </button>
          <span className="third">and it stands in the snippets</span>
        </p>
      )}
      {create.error !== null && <ProblemBox problem={problemOf(create.error)} />}
      <CodeBlock name="Ways to send logs" snippets={logSnippets(location.origin, create.data?.secret)} />
      <p className="row small" role="status">
        <Glyph state="no-data" /> <span className="label">Waiting for the first line</span>
      </p>
    </section>
  )
}
