using FedLab.Curve25519.Field;
using FedLab.Curve25519.Montgomery;

namespace FedLab.Curve25519;

/// <summary>
/// Curve25519 points by the thousand, as u-coordinates of 32 bytes little-endian one after the other: the arithmetic of private set
/// intersection. Single-threaded; callers share large batches out over threads by slices.
/// </summary>
/// <remarks>
/// Eight points at a time with AVX-512, four with AVX2, one otherwise; the bytes are the same. No branch and no memory address depends
/// on the scalar, on a digest or on a point, except that a refused point is reported as soon as its group is done.
/// </remarks>
public static class PointBatch
{
    /// <summary>Bytes of a point and of a digest.</summary>
    public const int PointSize = FieldElement.Size;

    /// <summary>
    /// Hashes keys to the curve: each digest, read as a little-endian integer of 255 bits (its top bit is dropped) modulo 2^255 − 19,
    /// is mapped by Elligator 2 (map_to_curve_elligator2_curve25519, RFC 9380 section 6.7.1), of which the u-coordinate is kept.
    /// </summary>
    /// <remarks>
    /// The field element is taken straight from the digest, without hash_to_field and with one map instead of two: the image is half of
    /// the curve and not exactly uniform, which set intersection under the Diffie–Hellman assumption in the random-oracle model does not need.
    /// The cofactor is cleared by the factor 8 in every <see cref="BlindingScalar"/>. Only digests that are zero modulo 2^255 − 19 map to
    /// u = 0, a point that <see cref="Multiply(BlindingScalar, ReadOnlySpan{byte}, Span{byte}, CancellationToken)"/> refuses; SHA-256 gives such a one with probability 2^−253.
    /// </remarks>
    /// <param name="sha256Digests">n · 32 bytes.</param>
    /// <param name="points">Receives n · 32 bytes, canonical u-coordinates; may be the same memory as the digests.</param>
    /// <exception cref="ArgumentException">A length is not a multiple of 32, the lengths differ, or the memory overlaps in part.</exception>
    public static void HashToCurve(ReadOnlySpan<byte> sha256Digests, Span<byte> points) => HashToCurve(LanePaths.Widest, sha256Digests, points);

    /// <summary>Multiplies every point by one secret scalar.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="points">n · 32 bytes, canonical u-coordinates, on the curve or on its twist (both are of almost prime order).</param>
    /// <param name="result">Receives n · 32 bytes, canonical u-coordinates; may be the same memory as the points. Zeros after an exception.</param>
    /// <param name="ct">Looked at before every eight points.</param>
    /// <exception cref="ArgumentException">A length is not a multiple of 32, the lengths differ, or the memory overlaps in part.</exception>
    /// <exception cref="InvalidPointException">A point is not below 2^255 − 19, or its product is zero (it has order 1, 2, 4 or 8).</exception>
    /// <exception cref="ObjectDisposedException">The scalar has been overwritten.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Multiply(BlindingScalar scalar, ReadOnlySpan<byte> points, Span<byte> result, CancellationToken ct) =>
        Multiply(LanePaths.Widest, scalar, points, result, ct);

    internal static void HashToCurve(LanePath path, ReadOnlySpan<byte> sha256Digests, Span<byte> points)
    {
        CheckLengths(sha256Digests, nameof(sha256Digests), points, nameof(points));
        switch (path)
        {
            case LanePath.Vector512:
                PointBatchKernel<FieldLanes512>.HashToCurve(sha256Digests, points);
                break;
            case LanePath.Vector256:
                PointBatchKernel<FieldLanes256>.HashToCurve(sha256Digests, points);
                break;
            default:
                PointBatchKernel<FieldElement>.HashToCurve(sha256Digests, points);
                break;
        }
    }

    internal static void Multiply(LanePath path, BlindingScalar scalar, ReadOnlySpan<byte> points, Span<byte> result, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(scalar);
        CheckLengths(points, nameof(points), result, nameof(result));
        var secret = scalar.Bytes;
        var complete = false;
        try
        {
            for (var i = 0; i < points.Length / PointSize; i++)
            {
                if (!FieldElement.IsCanonical(points.Slice(i * PointSize, PointSize)))
                    throw new InvalidPointException(Messages.PointNotCanonical(i), i);
            }

            var zero = path switch
            {
                LanePath.Vector512 => PointBatchKernel<FieldLanes512>.Multiply(secret, points, result, ct),
                LanePath.Vector256 => PointBatchKernel<FieldLanes256>.Multiply(secret, points, result, ct),
                _ => PointBatchKernel<FieldElement>.Multiply(secret, points, result, ct),
            };
            if (zero >= 0) throw new InvalidPointException(Messages.PointOfSmallOrder(zero), zero);
            complete = true;
        }
        finally
        {
            if (!complete) result.Clear();
        }
    }

    private static void CheckLengths(ReadOnlySpan<byte> input, string inputName, ReadOnlySpan<byte> output, string outputName)
    {
        if (input.Length % PointSize != 0) throw new ArgumentException($"The length must be a multiple of {PointSize}, not {input.Length}.", inputName);
        if (output.Length != input.Length) throw new ArgumentException($"The length must be that of {inputName}, {input.Length}, not {output.Length}.", outputName);
        if (input.Overlaps(output, out var offset) && offset != 0) throw new ArgumentException($"The memory overlaps that of {inputName} in part.", outputName);
    }
}
