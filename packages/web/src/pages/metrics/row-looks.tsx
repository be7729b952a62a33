import { useState } from 'react'
import { colourToken } from '../../charts/colours.ts'
import { colourCount, type QueryRow } from './rows.ts'
import './row-looks.css'

interface RowLooksProps {
  readonly letter: string
  readonly row: QueryRow
  readonly onChange: (part: Partial<QueryRow>) => void
  readonly onClose: () => void
}

const colours = Array.from({ length: colourCount }, (_, i) => i + 1)

/** How the series of one query are called and which colour they begin with. */
export function RowLooks({ letter, row, onChange, onClose }: RowLooksProps) {
  const [legend, setLegend] = useState(row.legend)
  const keep = () => {
    if (legend !== row.legend) onChange({ legend })
  }
  return (
    <div className="row wrap row-looks small">
      <label className="row">
        <span className="second">Name of series</span>
        <input
          className="input"
          placeholder="such as {{job}} on {{instance}}"
          aria-label={`Names of the series of query ${letter}`}
          value={legend}
          onChange={(event) => setLegend(event.target.value)}
          onBlur={keep}
          onKeyDown={(event) => {
            if (event.key === 'Enter') keep()
          }}
        />
      </label>
      <fieldset className="row colours">
        <legend className="second">Colour</legend>
        <ColourChoice
          letter={letter}
          name="automatic"
          checked={row.colour === undefined}
          onChoose={() => onChange({ colour: undefined })}
        />
        {colours.map((colour) => (
          <ColourChoice
            key={colour}
            letter={letter}
            name={`colour ${colour}`}
            token={colourToken(colour - 1)}
            checked={row.colour === colour}
            onChoose={() => onChange({ colour })}
          />
        ))}
      </fieldset>
      <button type="button" className="button little" onClick={onClose}>
        Done
      </button>
    </div>
  )
}

interface ColourChoiceProps {
  readonly letter: string
  readonly name: string
  readonly token?: string
  readonly checked: boolean
  readonly onChoose: () => void
}

function ColourChoice({ letter, name, token, checked, onChoose }: ColourChoiceProps) {
  return (
    <label>
      <input
        type="radio"
        className="hidden-text"
        name={`colour-${letter}`}
        aria-label={name}
        checked={checked}
        onChange={onChoose}
      />
      <span
        aria-hidden
        className={`colour-dot ${token === undefined ? 'automatic' : ''}`}
        style={token === undefined ? undefined : { background: `var(${token})` }}
      >
        {token === undefined ? 'auto' : ''}
      </span>
    </label>
  )
}
