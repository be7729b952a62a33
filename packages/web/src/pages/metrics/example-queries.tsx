import { examples } from './model.ts'

/** Nothing asked yet: queries that answer on the first day. */
export function ExampleQueries({ onChoose }: { readonly onChoose: (query: string) => void }) {
  return (
    <section className="section examples">
      <div className="section-head">
        <h2>Begin with one of these</h2>
        <span className="third small">they answer on every Tidewatch; completion knows the other names</span>
      </div>
      <ul>
        {examples.map(({ title, query }) => (
          <li key={query}>
            <button type="button" className="example" onClick={() => onChoose(query)}>
              <span className="label">{title}</span>
              <code className="second break">{query}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
