// Kahan-Babuska (Neumaier) summation, where Prometheus sums so.

/** A running sum with what rounding has lost of it. Loops over many samples write these lines out. */
export class KahanSum {
  sum = 0
  compensation = 0

  add(value: number): void {
    const { sum } = this
    const total = sum + value
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) this.compensation = 0
    else if (Math.abs(sum) >= Math.abs(value)) this.compensation += sum - total + value
    else this.compensation += value - total + sum
    this.sum = total
  }

  reset(): void {
    this.sum = 0
    this.compensation = 0
  }

  get total(): number {
    return this.sum + this.compensation
  }
}
