import { ArrowLeft, ArrowRight, Columns3, X } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type FormEvent, useState } from 'react'
import { columnsFromText, defaultColumns } from './model.ts'

interface ColumnsMenuProps {
  readonly columns: readonly string[]
  readonly onColumns: (columns: readonly string[]) => void
}

/** Which fields stand beside the message, and in which order. Remembered on this device, and in the address. */
export function ColumnsMenu({ columns, onColumns }: ColumnsMenuProps) {
  const [name, setName] = useState('')
  const add = (event: FormEvent) => {
    event.preventDefault()
    onColumns(columnsFromText([...columns, name.trim()].join(',')))
    setName('')
  }
  return (
    <Popover.Root>
      <Popover.Trigger className="button bare little">
        <Columns3 className="icon" aria-hidden /> Columns
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop log-pop" align="end" sideOffset={6} collisionPadding={12} aria-label="Columns">
          <ol aria-label="Columns beside time and message">
            {columns.map((column, index) => (
              <ColumnRow key={column} {...{ column, index, columns, onColumns }} />
            ))}
          </ol>
          <form className="row" onSubmit={add}>
            <input
              className="input"
              aria-label="Name of a field"
              placeholder="Name of a field"
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
            <button type="submit" className="button" disabled={name.trim() === ''}>
              Add
            </button>
          </form>
          <button type="button" className="link small" onClick={() => onColumns(defaultColumns)}>
            As at first
          </button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function ColumnRow({ column, index, columns, onColumns }: ColumnsMenuProps & { column: string; index: number }) {
  const moved = (by: number) => {
    const rest = columns.filter((one) => one !== column)
    onColumns([...rest.slice(0, index + by), column, ...rest.slice(index + by)])
  }
  return (
    <li className="row">
      <span className="cut mono">{column}</span>
      <span className="row end">
        <button
          type="button"
          className="button bare little"
          aria-label={`Move ${column} to the left`}
          disabled={index === 0}
          onClick={() => moved(-1)}
        >
          <ArrowLeft className="icon" aria-hidden />
        </button>
        <button
          type="button"
          className="button bare little"
          aria-label={`Move ${column} to the right`}
          disabled={index === columns.length - 1}
          onClick={() => moved(1)}
        >
          <ArrowRight className="icon" aria-hidden />
        </button>
        <button
          type="button"
          className="button bare little"
          aria-label={`Take the column ${column} away`}
          onClick={() => onColumns(columns.filter((one) => one !== column))}
        >
          <X className="icon" aria-hidden />
        </button>
      </span>
    </li>
  )
}
