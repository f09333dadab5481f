// What is said of a series of measurements: medians, and the range that most of them are in.

export const quantile = (numbers, q) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))];
export const median = numbers => quantile(numbers, 0.5);
/** Three digits that count. */
export const round = number => Number(number.toPrecision(3));

/** Times in milliseconds, as a name with its median and the range from the 10th to the 90th hundredth. */
export const summary = (name, times) => ({ name, medianMs: round(median(times)), p10Ms: round(quantile(times, 0.1)), p90Ms: round(quantile(times, 0.9)) });
