using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Packs the answers of many groups into one c1 (<see cref="RingPacking"/>): for slow lines, at the price of a key switch a group. Thread-safe.</summary>
/// <remarks>
/// An answer carries a whole c1 of N coefficients for k numbers; packed, N numbers share one. Only re-randomised, flooded
/// answers go in, so what comes out is a function of what could have been sent unpacked, and of public keys: it shows no more.
/// <code>
///   m groups: c0 at k coefficients, c1 ── PackLWEs modulo Q, with the keys of the message's secret ── Q → 2^x ── m·k numbers, one c1
/// </code>
/// The secrets and their Galois keys live in the ring of the data primes and a special one; the ciphertexts in the data primes alone.
/// </remarks>
public sealed class AnswerPacker
{
    /// <summary>Groups that are packed together: their c1 stand in memory at the same time.</summary>
    public const int MaximumGroups = 512;

    private readonly LatticeContext _data;
    private readonly CkksContext _ring;
    private readonly RingPacking[] _packings;
    private readonly int _answersPerGroup;

    /// <summary>Takes the keys.</summary>
    /// <param name="data">The ring of the answers: the data primes.</param>
    /// <param name="ring">The ring of the keys: the same primes, then the special one.</param>
    /// <param name="keys">For each message the Galois keys of its secret, with the elements of <see cref="RingPacking.Elements"/>.</param>
    /// <param name="answersPerGroup">k: numbers in each answer, at coefficients N/k - 1, 2N/k - 1, ….</param>
    /// <exception cref="ArgumentException">The rings do not belong together, or a key is missing.</exception>
    public AnswerPacker(LatticeContext data, CkksContext ring, IReadOnlyList<GaloisKeys> keys, int answersPerGroup)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(keys);
        if (ring.Degree != data.Degree || ring.DataPrimes != data.Tables.Length || ring.SpecialPrime is null || !ring.Lattice.Parameters.Primes.Take(ring.DataPrimes).SequenceEqual(data.Parameters.Primes))
            throw new ArgumentException("The ring of the keys must have the primes of the answers' ring and a special one.", nameof(ring));
        (_data, _ring, _answersPerGroup) = (data, ring, answersPerGroup);
        _packings = [.. keys.Select(key => new RingPacking(ring, key, answersPerGroup))];
    }

    /// <summary>Where the numbers of packed groups stand.</summary>
    /// <param name="degree">N.</param>
    /// <param name="answersPerGroup">k.</param>
    /// <param name="groups">Groups packed together, 1 to <see cref="Groups"/>.</param>
    /// <returns>The coefficient of each number, group by group.</returns>
    public static int[] Positions(int degree, int answersPerGroup, int groups)
    {
        if (groups < 1 || groups > Groups(degree, answersPerGroup))
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"1 to {Groups(degree, answersPerGroup)} groups are packed together.");
        var inputs = (int)BitOperations.RoundUpToPowerOf2((uint)groups);
        var spacing = degree / answersPerGroup / inputs;
        var positions = new int[groups * answersPerGroup];
        for (var i = 0; i < positions.Length; i++)
            positions[i] = ((i % answersPerGroup * inputs) + (i / answersPerGroup)) * spacing;
        return positions;
    }

    /// <summary>Most groups that are packed together.</summary>
    /// <param name="degree">N.</param>
    /// <param name="answersPerGroup">k.</param>
    public static int Groups(int degree, int answersPerGroup) => Math.Min(MaximumGroups, degree / answersPerGroup);

    /// <summary>Bound on the noise that packing adds, in units of the ciphertext's integers, with the failure chance of <see cref="NoiseBound"/>.</summary>
    /// <param name="ring">The ring of the keys.</param>
    /// <param name="answersPerGroup">k.</param>
    /// <returns>2N/k times the error of one key switch: later steps double what earlier ones added.</returns>
    public static double Noise(LatticeParameters ring, int answersPerGroup)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var digits = ring.Primes.Count - 1;
        var ratio = (double)ring.Primes.Take(digits).Max() / ring.Primes[digits];
        return 2.0 * ring.Degree / answersPerGroup * ((NoiseBound.SubsetSum((long)digits * ring.Degree) * ratio) + NoiseBound.ModulusSwitch(ring.Degree, ring.Primes.Count));
    }

    /// <summary>Packs one message of several answers.</summary>
    /// <param name="answers">1 to <see cref="Groups"/> answers of k numbers a message.</param>
    /// <param name="message">Which message.</param>
    /// <param name="answerModulusBits">x: the packed answer travels modulo 2^x.</param>
    /// <returns>The numbers in the order of <see cref="Positions"/>, and one c1, under the message's secret.</returns>
    /// <exception cref="ArgumentException">An answer is of another ring or shape, there are too many, or the message does not exist.</exception>
    public ScanAnswer Pack(IReadOnlyList<RandomisedAnswer> answers, int message, int answerModulusBits)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if ((uint)message >= (uint)_packings.Length)
            throw new ArgumentOutOfRangeException(nameof(message), message, $"There are keys for {_packings.Length} messages.");
        foreach (var answer in answers)
        {
            if (!ReferenceEquals(answer.Context, _data) || answer.AnswersPerMessage != _answersPerGroup || message >= answer.Messages)
                throw new ArgumentException($"Every answer must be of the packer's ring and hold {_answersPerGroup} numbers of message {message}.", nameof(answers));
        }

        var positions = Positions(_data.Degree, _answersPerGroup, answers.Count);
        var first = _data.Polynomials.Rent();
        var second = _data.Polynomials.Rent();
        try
        {
            _packings[message].Pack(answers.Count, (_data.Degree / _answersPerGroup) - 1, _ring.MaximumLevel, (index, c0, c1) => Read(answers[index], message, c0, c1), first.Span, second.Span);
            _data.Inverse(first.Span);
            _data.Inverse(second.Span);
            return Switch(first.Span, second.Span, positions, answerModulusBits);
        }
        finally
        {
            _data.Polynomials.Return(first, wasSecret: false);
            _data.Polynomials.Return(second, wasSecret: false);
        }
    }

    /// <summary>An answer as a ciphertext: its numbers at their coefficients, nothing elsewhere in c0.</summary>
    private void Read(RandomisedAnswer answer, int message, Span<double> first, Span<double> second)
    {
        var degree = _data.Degree;
        first.Clear();
        for (var prime = 0; prime < _data.Tables.Length; prime++)
        {
            for (var j = 0; j < _answersPerGroup; j++)
                first[(prime * degree) + ((j + 1) * degree / _answersPerGroup) - 1] = answer.Residue(prime, message, j);
        }

        answer.Second.CopyTo(second);
        _data.Reduce(second);
        _data.Forward(first);
        _data.Forward(second);
    }

    private ScanAnswer Switch(ReadOnlySpan<double> first, ReadOnlySpan<double> second, int[] positions, int answerModulusBits)
    {
        var degree = _data.Degree;
        var width = (positions.Length + 7) & ~7;
        var chosen = new double[_data.Tables.Length * width];
        for (var prime = 0; prime < _data.Tables.Length; prime++)
        {
            for (var i = 0; i < positions.Length; i++)
                chosen[(prime * width) + i] = first[(prime * degree) + positions[i]];
        }

        var numbers = new double[width];
        PowerOfTwoModulus.Switch(_data, chosen, width, answerModulusBits, numbers);
        var whole = _data.Rows.Rent();
        PowerOfTwoModulus.Switch(_data, second, degree, answerModulusBits, whole.Span);
        var answer = ScanAnswer.Pack(degree, answerModulusBits, numbers.AsSpan(0, positions.Length), whole.Span);
        _data.Rows.Return(whole, wasSecret: false);
        return answer;
    }
}
