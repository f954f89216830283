using System.Buffers;
using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Decrypts answers with integer arithmetic modulo 2^x: one dot product of length N with the ternary secret for each. Thread-safe.</summary>
/// <remarks>
/// 64-bit integers wrap modulo 2^64, of which 2^x is a divisor, so nothing is reduced until the end. Each dot product multiplies
/// every coefficient by -1, 0 or 1 with the same instruction, without a branch or index on the secret.
/// </remarks>
/// <param name="key">The secret key; the caller disposes it.</param>
public sealed class AnswerDecryptor(SecretKey key)
{
    private readonly SecretKey _key = key ?? throw new ArgumentNullException(nameof(key));

    /// <summary>Decrypts and rounds to the nearest integers.</summary>
    /// <param name="answer">From <see cref="FunctionPrivateResponder"/>.</param>
    /// <param name="answerCoefficients">The positions that the answer was made for, in the same order; at least one.</param>
    /// <param name="scaleBits">Scale of the encryption.</param>
    /// <param name="values">Takes one integer for each message and position, all positions of the first message first.</param>
    /// <exception cref="ArgumentException">The shapes differ or a position is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public void Decrypt(ScanAnswer answer, ReadOnlySpan<int> answerCoefficients, int scaleBits, Span<long> values) =>
        Decrypt(answer, answerCoefficients, scaleBits, values, []);

    /// <summary>
    /// As the public method, and writes the noise of each answer (its distance from the decrypted integer, in units of 2^-x of the
    /// answer's modulus) where <paramref name="noise"/> is not empty. Noise depends on the key: tests only.
    /// </summary>
    internal void Decrypt(ScanAnswer answer, ReadOnlySpan<int> answerCoefficients, int scaleBits, Span<long> values, Span<double> noise)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentOutOfRangeException.ThrowIfNegative(scaleBits);
        if (answerCoefficients.IsEmpty)
            throw new ArgumentException("At least one position is needed.", nameof(answerCoefficients));
        var context = _key.Context;
        var degree = context.Degree;
        if (answer.Degree != degree)
            throw new ArgumentException($"The answer has degree {answer.Degree}, the key {degree}.", nameof(answer));
        if (answer.AnswerCount != values.Length || values.Length % answerCoefficients.Length != 0 || values.Length / answerCoefficients.Length > _key.Messages)
            throw new ArgumentException($"The answer holds {answer.AnswerCount} values; {answerCoefficients.Length} positions, {_key.Messages} secrets and room for {values.Length} are given.", nameof(answerCoefficients));
        foreach (var coefficient in answerCoefficients)
        {
            if ((uint)coefficient >= (uint)degree)
                throw new ArgumentOutOfRangeException(nameof(answerCoefficients), coefficient, $"Positions are 0 to {degree - 1}.");
        }

        var (ratio, ratioRest) = Ratio(context.Parameters.Modulus, answer.AnswerModulusBits + scaleBits);
        var unused = 64 - answer.AnswerModulusBits;
        var second = ArrayPool<long>.Shared.Rent(degree);
        using (_key.Use())
        {
            answer.Unpack(values, second);
            for (var j = 0; j < values.Length; j++)
            {
                var secret = j / answerCoefficients.Length;
                var rotation = (secret * 2 * degree) + degree - 1 - answerCoefficients[j % answerCoefficients.Length];
                var product = SecretDot.Of(second.AsSpan(0, degree), _key.Rotations.Slice(rotation, degree));
                var centred = (values[j] + product) << unused >> unused;

                // centred·Q/2^(x+scaleBits) in two doubles: the product's rounding error goes into the rest.
                var high = centred * ratio;
                var rest = Math.FusedMultiplyAdd(centred, ratio, -high) + centred * ratioRest;
                var whole = Math.Round(high);
                var fraction = high - whole + rest;
                var correction = Math.Round(fraction);
                values[j] = (long)whole + (long)correction;
                if (!noise.IsEmpty)
                    noise[j] = (fraction - correction) / ratio;
            }
        }

        ArrayPool<long>.Shared.Return(second);
    }

    /// <summary>Q/2^exponent as a sum of two doubles, 106 bits: with a 52-bit integer the quotient is wrong by less than 2^-50 as long as it stays below 2^52.</summary>
    private static (double High, double Low) Ratio(BigInteger modulus, int exponent)
    {
        const int kept = 106;
        var shift = (int)modulus.GetBitLength() - kept;
        var leading = shift > 0 ? modulus >> shift : modulus << -shift;
        var high = (double)(leading >> 53);
        var low = (double)(leading & ((BigInteger.One << 53) - 1));
        return (Math.ScaleB(high, 53 + shift - exponent), Math.ScaleB(low, shift - exponent));
    }
}
