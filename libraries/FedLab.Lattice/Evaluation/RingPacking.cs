using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>Packs many encrypted numbers into the coefficients of one ciphertext (PackLWEs: Chen, Dai, Kim and Song, eprint 2020/015, algorithms 2 and 3). Thread-safe.</summary>
/// <remarks>
/// <code>
/// m ciphertexts, answers at coefficients 0, N/k, 2N/k, … of each, anything elsewhere
///   even ─┐  E + X^(N/2^l)·O  +  automorphism of (E - X^(N/2^l)·O), X → X^(2^l + 1)     2^l answers, N/2^l apart, doubled
///   odd  ─┘
/// then for l = log2(m·k) + 1 … log2 N:  c + automorphism of c                            what is elsewhere cancels, doubled
/// </code>
/// <para>m - 1 + log2(N/(m·k)) key switches, with log2(N/k) Galois keys. The doublings multiply by N/k, which is taken out beforehand by
/// its inverse modulo q: exact, also for the input's noise. k = 1 is the paper's; where a ciphertext holds k answers at even distances they
/// are packed together, k times fewer key switches an answer.</para>
/// <para>Noise: a key switch at step l adds a coefficient error of σ_ks ≈ σ·√(N·L/3) for L digits (and the rounding of the division by P, √(N/18)); later steps
/// double what stands at the answers, so in all σ_ks·N/(k·√3): planned by <see cref="Noise.NoisePlan.Pack"/>.</para>
/// </remarks>
public sealed class RingPacking
{
    private readonly CkksContext _context;
    private readonly CkksEvaluator _evaluator;
    private readonly GaloisKeys _keys;
    private readonly int _answersPerCiphertext;
    private readonly double[][] _powers;
    private readonly int[] _exponents;
    private readonly double[] _inverseFactors;

    /// <summary>Takes the keys.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="keys">Keys with the elements of <see cref="Elements"/>.</param>
    /// <param name="answersPerCiphertext">k, a power of two: numbers in each input, N/k coefficients apart.</param>
    /// <exception cref="ArgumentException">A key is missing or of another context, or k is not a power of two up to N.</exception>
    public RingPacking(CkksContext context, GaloisKeys keys, int answersPerCiphertext = 1)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _evaluator = new CkksEvaluator(context);
        Misuse.CheckContext(context, keys.Context, nameof(keys));
        foreach (var element in Elements(context, answersPerCiphertext))
            keys.Get(element);
        (_context, _keys, _answersPerCiphertext) = (context, keys, answersPerCiphertext);
        var degree = context.Degree;
        var logDegree = BitOperations.Log2((uint)degree);
        _powers = [.. context.Tables.Take(context.DataPrimes).Select(table => RootPowers(degree, table.Prime))];
        _exponents = new int[degree];
        for (var r = 0; r < degree; r++)
            _exponents[TransformTable.PositionOf(r)] = (2 * TransformTable.ReverseBits(r, logDegree)) + 1;
        var factor = (ulong)(degree / answersPerCiphertext);
        _inverseFactors = [.. context.Tables.Select(table => CkksContext.Balance(NttPrimes.Inverse(factor % table.Prime, table.Prime), table.Prime))];
    }

    /// <summary>Gives input <paramref name="index"/>: level + 1 rows of c0 and of c1 in evaluation form, integers within ±2^53.</summary>
    /// <param name="index">0 to count - 1.</param>
    /// <param name="first">Takes c0.</param>
    /// <param name="second">Takes c1.</param>
    internal delegate void ReadPair(int index, Span<double> first, Span<double> second);

    /// <summary>The Galois elements that are needed: 2^l + 1 for l = log2 k + 1 to log2 N.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="answersPerCiphertext">k.</param>
    /// <returns>log2(N/k) elements.</returns>
    /// <exception cref="ArgumentException">k is not a power of two up to N.</exception>
    public static IReadOnlyList<int> Elements(CkksContext context, int answersPerCiphertext = 1)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (answersPerCiphertext < 1 || answersPerCiphertext > context.Degree || !BitOperations.IsPow2(answersPerCiphertext))
            throw new ArgumentOutOfRangeException(nameof(answersPerCiphertext), answersPerCiphertext, $"The answers in a ciphertext are a power of two from 1 to {context.Degree}.");
        var known = BitOperations.Log2((uint)answersPerCiphertext);
        return [.. Enumerable.Range(known + 1, BitOperations.Log2((uint)context.Degree) - known).Select(step => (1 << step) + 1)];
    }

    /// <summary>How far apart the packed numbers stand: number i is coefficient i·Spacing.</summary>
    /// <param name="count">Ciphertexts or samples that are packed.</param>
    /// <returns>N/(m·k), m the least power of two that is not below <paramref name="count"/>.</returns>
    /// <exception cref="ArgumentException">So many do not fit.</exception>
    public int Spacing(int count)
    {
        if (count < 1 || count > _context.Degree / _answersPerCiphertext)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {_context.Degree / _answersPerCiphertext} ciphertexts of {_answersPerCiphertext} numbers fit one of degree {_context.Degree}: pack the rest into another.");
        return _context.Degree / _answersPerCiphertext / (int)BitOperations.RoundUpToPowerOf2((uint)count);
    }

    /// <summary>Packs samples: number i becomes coefficient i·<see cref="Spacing"/> of the message polynomial, the other coefficients are zero but for noise.</summary>
    /// <param name="samples">1 to N samples of one level and scale.</param>
    /// <param name="target">Takes the ciphertext, at their level and scale.</param>
    /// <exception cref="ArgumentException">The samples differ in context, level or scale, are too many, or this packs several answers a ciphertext.</exception>
    public void Pack(IReadOnlyList<LweSample> samples, CkksCiphertext target)
    {
        ArgumentNullException.ThrowIfNull(samples);
        _evaluator.Check(target, nameof(target));
        if (_answersPerCiphertext != 1)
            throw new ArgumentException($"Samples hold one number each, this packing is for {_answersPerCiphertext} a ciphertext: create one for 1.", nameof(samples));
        _ = Spacing(samples.Count);
        foreach (var sample in samples)
        {
            Misuse.CheckContext(_context, sample.Context, nameof(samples));
            Misuse.CheckLevels(samples[0].Level, sample.Level);
            Misuse.CheckScales(samples[0].Scale, sample.Scale);
        }

        target.Shape(2, samples[0].Level, samples[0].Scale);
        Pack(samples.Count, 0, samples[0].Level, (index, first, second) => Embed(samples[index], first, second), target.Polynomial(0), target.Polynomial(1));
    }

    /// <summary>
    /// Packs pairs of polynomials, whatever their encoding: answer r of input i, its coefficient firstCoefficient + r·N/k, becomes coefficient
    /// (r·m + i)·<see cref="Spacing"/>. Targets take level + 1 rows.
    /// </summary>
    internal unsafe void Pack(int count, int firstCoefficient, int level, ReadPair read, Span<double> target0, Span<double> target1)
    {
        _ = Spacing(count);
        _context.CheckLevel(level);
        if ((uint)firstCoefficient >= (uint)_context.Degree)
            throw new ArgumentOutOfRangeException(nameof(firstCoefficient), firstCoefficient, $"Coefficients are 0 to {_context.Degree - 1}.");
        var inputs = (int)BitOperations.RoundUpToPowerOf2((uint)count);
        var length = (level + 1) * _context.Degree;
        var tree = Node(new Inputs(count, firstCoefficient, level, read), 0, 1, inputs)!;
        fixed (double* c0 = tree.Span)
        {
            var c1 = c0 + length;
            var turned = _context.Polynomials(2).Rent();
            fixed (double* t0 = turned.Span)
            {
                var t1 = t0 + length;
                for (var answers = 2 * inputs * _answersPerCiphertext; answers <= _context.Degree; answers *= 2)
                {
                    _evaluator.ApplyGalois(answers + 1, _keys.Get(answers + 1), level, c0, c1, t0, t1);
                    Add(level, c0, t0, c0);
                    Add(level, c1, t1, c1);
                }
            }

            _context.Polynomials(2).Return(turned, wasSecret: false);
        }

        tree.Span[..length].CopyTo(target0);
        tree.Span.Slice(length, length).CopyTo(target1);
        _context.Polynomials(2).Return(tree, wasSecret: false);
    }

    /// <summary>ψ^i for i = 0 to 2N - 1, balanced.</summary>
    private static double[] RootPowers(int degree, ulong prime)
    {
        var root = NttPrimes.LeastPrimitiveRoot(degree, prime);
        var powers = new double[2 * degree];
        var power = 1UL;
        for (var i = 0; i < degree; i++)
        {
            powers[i] = CkksContext.Balance(power, prime);
            powers[degree + i] = -powers[i];
            power = NttPrimes.Multiply(power, root, prime);
        }

        return powers;
    }

    /// <summary>The packing of inputs start, start + stride, …, of which there are <paramref name="count"/>; none where all of them are past the end.</summary>
    private unsafe AlignedBuffer? Node(Inputs inputs, int start, int stride, int count)
    {
        if (start >= inputs.Count)
            return null;
        if (count == 1)
            return Leaf(inputs, start);
        var even = Node(inputs, start, 2 * stride, count / 2)!;
        var odd = Node(inputs, start + stride, 2 * stride, count / 2);
        var level = inputs.Level;
        var length = (level + 1) * _context.Degree;
        var answers = count * _answersPerCiphertext;
        var difference = _context.Polynomials(2).Rent();
        fixed (double* e = even.Span, d = difference.Span)
        {
            if (odd is null)
            {
                even.Span[..(2 * length)].CopyTo(difference.Span);
            }
            else
            {
                fixed (double* o = odd.Span)
                {
                    MultiplyByMonomial(o, level, _context.Degree / answers);
                    MultiplyByMonomial(o + length, level, _context.Degree / answers);
                    Subtract(level, e, o, d);
                    Subtract(level, e + length, o + length, d + length);
                    Add(level, e, o, e);
                    Add(level, e + length, o + length, e + length);
                }

                _context.Polynomials(2).Return(odd, wasSecret: false);
            }

            _evaluator.ApplyGalois(answers + 1, _keys.Get(answers + 1), level, d, d + length, d, d + length);
            Add(level, e, d, e);
            Add(level, e + length, d + length, e + length);
        }

        _context.Polynomials(2).Return(difference, wasSecret: false);
        return even;
    }

    /// <summary>An input, its first answer moved to coefficient 0, divided by N/k.</summary>
    private unsafe AlignedBuffer Leaf(Inputs inputs, int index)
    {
        var degree = _context.Degree;
        var length = (inputs.Level + 1) * degree;
        var pair = _context.Polynomials(2).Rent();
        inputs.Read(index, pair.Span[..length], pair.Span.Slice(length, length));
        fixed (double* values = pair.Span)
        {
            for (var i = 0; i <= inputs.Level; i++)
            {
                var table = _context.Tables[i];
                for (var row = values + ((long)i * degree); row < values + (2 * length); row += length)
                {
                    _context.Kernels.Reduce(table.Modulus, table.Inverse, row, row, degree);
                    _context.Kernels.ScaleModular(table.Modulus, table.Inverse, row, _inverseFactors[i], row, degree);
                }
            }

            if (inputs.FirstCoefficient != 0)
            {
                MultiplyByMonomial(values, inputs.Level, (2 * degree) - inputs.FirstCoefficient);
                MultiplyByMonomial(values + length, inputs.Level, (2 * degree) - inputs.FirstCoefficient);
            }
        }

        return pair;
    }

    /// <summary>Times X^power, power below 2N, in place.</summary>
    private unsafe void MultiplyByMonomial(double* polynomial, int level, int power)
    {
        var degree = _context.Degree;
        var monomial = _context.Lattice.Rows.Rent();
        fixed (double* factors = monomial.Span)
        {
            for (var i = 0; i <= level; i++)
            {
                var table = _context.Tables[i];
                var powers = _powers[i];
                for (var position = 0; position < degree; position++)
                    factors[position] = powers[(int)((uint)_exponents[position] * (uint)power & ((2 * (uint)degree) - 1))];
                var row = polynomial + ((long)i * degree);
                _context.Kernels.MultiplyModular(table.Modulus, table.Inverse, row, factors, row, degree);
            }
        }

        _context.Lattice.Rows.Return(monomial, wasSecret: false);
    }

    /// <summary>A sample as a ciphertext whose constant coefficient is the number: c1 is a with the extraction's turn undone.</summary>
    private unsafe void Embed(LweSample sample, Span<double> first, Span<double> second)
    {
        var degree = _context.Degree;
        fixed (double* c1 = second)
        {
            for (var i = 0; i <= sample.Level; i++)
            {
                // A constant polynomial has the same value everywhere.
                var table = _context.Tables[i];
                first.Slice(i * degree, degree).Fill(sample.B[i]);
                var a = sample.A.Slice(i * degree, degree);
                var row = second.Slice(i * degree, degree);
                row[0] = a[0];
                for (var j = 1; j < degree; j++)
                    row[degree - j] = -a[j];
                _context.Kernels.Forward(table, c1 + ((long)i * degree), c1 + ((long)i * degree));
            }
        }
    }

    private unsafe void Add(int level, double* left, double* right, double* target)
    {
        for (var i = 0; i <= level; i++)
        {
            var row = (long)i * _context.Degree;
            _context.Kernels.AddModular(_context.Tables[i].Modulus, left + row, right + row, target + row, _context.Degree);
        }
    }

    private unsafe void Subtract(int level, double* left, double* right, double* target)
    {
        for (var i = 0; i <= level; i++)
        {
            var row = (long)i * _context.Degree;
            _context.Kernels.SubtractModular(_context.Tables[i].Modulus, left + row, right + row, target + row, _context.Degree);
        }
    }

    private sealed record Inputs(int Count, int FirstCoefficient, int Level, ReadPair Read);
}
