import { describe, expect, test } from 'vitest';
import { full, ones, tensor, zeros } from '../../src/index';

/** What NumPy 2.4 prints for the float32 array, by np.array2string(x, separator=', '). */
const NUMPY: [string, unknown, string][] = [
  ['integers', [1, 2, 3], '[1., 2., 3.]'],
  ['one width', [1, 20, -3], '[ 1., 20., -3.]'],
  ['fractions padded on the right', [1.5, 2, 0.25], '[1.5 , 2.  , 0.25]'],
  ['the digits of a float32, no more', [0.1, 1 / 3], '[0.1       , 0.33333334]'],
  ['the book', [0.01821127, 0.24519181, 0.73659691], '[0.01821127, 0.24519181, 0.7365969 ]'],
  ['cut digits, rounded as the float32 itself', [0.09752852469682693], '[0.09752852]'],
  ['NaN and infinities', [Number.NaN, Infinity, -Infinity, 1], '[ nan,  inf, -inf,   1.]'],
  [
    'a matrix',
    [
      [1, 2],
      [3, 4],
    ],
    '[[1., 2.],\n [3., 4.]]',
  ],
  [
    'rank 3',
    [
      [[1], [2]],
      [[3], [4]],
    ],
    '[[[1.],\n  [2.]],\n\n [[3.],\n  [4.]]]',
  ],
  ['large', [1e10, 1.5], '[1.0e+10, 1.5e+00]'],
  ['small', [1e-5, 1], '[1.e-05, 1.e+00]'],
  ['wide range', [0.001, 10], '[1.e-03, 1.e+01]'],
  ['not wide', [0.01, 10], '[ 0.01, 10.  ]'],
  ['just wide', [1, 1000.5], '[1.0000e+00, 1.0005e+03]'],
  ['a ten-thousandth', [1e-4], '[0.0001]'],
  ['a million less one', [999999], '[999999.]'],
  ['a million', [1e6], '[1.e+06]'],
  ['denormal', [1e-45], '[1.e-45]'],
  ['the largest', [3.4028234663852886e38], '[3.4028235e+38]'],
  ['minus zero', [-0, 0], '[-0.,  0.]'],
  [
    'a tie after eight digits, to the even digit',
    [2 ** -9, -5 * 2 ** -9, 3 * 2 ** -9],
    '[ 0.00195312, -0.00976562,  0.00585938]',
  ],
  ['a tie after the digits that a float32 needs', [2543881.25, -2543883.75], '[ 2.5438812e+06, -2.5438838e+06]'],
  [
    'a tie with an odd exponent',
    [9637.96875, 9637.90625, 1.4105592e-35],
    '[9.6379688e+03, 9.6379062e+03, 1.4105592e-35]',
  ],
  ['nearly a tie', [7.542435565000005e-10, 1019.05884], '[7.54243557e-10, 1.01905884e+03]'],
];

describe('toString prints as NumPy does', () => {
  test.each(NUMPY)('%s', (_name, values, text) => {
    expect(
      String(tensor(values as number[]))
        .split('\n')
        .slice(1)
        .join('\n'),
    ).toBe(text);
  });

  test('the shape stands before', () => {
    expect(String(tensor([[1, 2]]))).toBe('Tensor([1, 2])\n[[1., 2.]]');
    expect(String(tensor(5))).toBe('Tensor([])\n5.');
    expect(String(zeros([0, 3]))).toBe('Tensor([0, 3])\n[]');
    expect(String(zeros([3, 0, 2]))).toBe('Tensor([3, 0, 2])\n[]');
  });

  test('long rows are broken at 75 columns', () => {
    const lines = String(ones([30]))
      .split('\n')
      .slice(1);
    expect(lines).toEqual([`[${'1., '.repeat(18).trimEnd()}`, ` ${'1., '.repeat(11)}1.]`]);
    // The last number of a line may end, with its comma, in column 75.
    const full75 = String(full([30], 10))
      .split('\n')
      .slice(1);
    expect(full75).toEqual([`[${'10., '.repeat(15).trimEnd()}`, ` ${'10., '.repeat(14)}10.]`]);
    // So many axes leave room for one number.
    const deep = String(tensor([1, 8 / 7, 9 / 7], [...new Array(27).fill(1), 3]))
      .split('\n')
      .slice(1);
    const indent = ' '.repeat(28);
    expect(deep).toEqual([`${'['.repeat(28)}1.       ,`, `${indent}1.1428572,`, `${indent}1.2857143${']'.repeat(28)}`]);
    // So many leave none, and a line is not broken before its first.
    const deepest = String(full(new Array(32).fill(1), 1.2345678e10)).split('\n')[1];
    expect(deepest).toBe(`${'['.repeat(32)}1.2345678e+10${']'.repeat(32)}`);
  });

  test('many axes: more numbers than a call has arguments', () => {
    expect(String(ones([6, 6, 6, 6, 6, 6, 6])).match(/1\./g)).toHaveLength(6 ** 7);
    expect(String(ones(new Array(18).fill(2))).match(/1\./g)).toHaveLength(2 ** 18);
  });

  test('over 1,000 elements, three of each end', () => {
    expect(String(ones([1000]))).not.toContain('...');
    expect(String(ones([1001]))).toBe('Tensor([1001])\n[1., 1., 1., ..., 1., 1., 1.]');
    const counting = Float32Array.from({ length: 2800 }, (_, i) => i + 10);
    expect(String(tensor(counting.subarray(0, 1001))).split('\n')[1]).toBe(
      '[  10.,   11.,   12., ..., 1008., 1009., 1010.]',
    );
    expect(
      String(tensor(counting, [7, 2, 200]))
        .split('\n')
        .slice(1),
    ).toEqual([
      '[[[  10.,   11.,   12., ...,  207.,  208.,  209.],',
      '  [ 210.,  211.,  212., ...,  407.,  408.,  409.]],',
      '',
      ' [[ 410.,  411.,  412., ...,  607.,  608.,  609.],',
      '  [ 610.,  611.,  612., ...,  807.,  808.,  809.]],',
      '',
      ' [[ 810.,  811.,  812., ..., 1007., 1008., 1009.],',
      '  [1010., 1011., 1012., ..., 1207., 1208., 1209.]],',
      '',
      ' ...,',
      '',
      ' [[1610., 1611., 1612., ..., 1807., 1808., 1809.],',
      '  [1810., 1811., 1812., ..., 2007., 2008., 2009.]],',
      '',
      ' [[2010., 2011., 2012., ..., 2207., 2208., 2209.],',
      '  [2210., 2211., 2212., ..., 2407., 2408., 2409.]],',
      '',
      ' [[2410., 2411., 2412., ..., 2607., 2608., 2609.],',
      '  [2610., 2611., 2612., ..., 2807., 2808., 2809.]]]',
    ]);
    // Six are all shown.
    expect(String(tensor(counting.subarray(0, 1200), [200, 6])).split('\n')[1]).toBe(
      '[[  10.,   11.,   12.,   13.,   14.,   15.],',
    );
    const t = full([600, 2], 2);
    expect(String(t)).toBe(
      'Tensor([600, 2])\n[[2., 2.],\n [2., 2.],\n [2., 2.],\n ...,\n [2., 2.],\n [2., 2.],\n [2., 2.]]',
    );
    const big = String(zeros([100, 100, 100]));
    expect(big.length).toBeLessThan(1500);
  });
});
