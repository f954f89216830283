using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FedLab.Curve25519;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Alignment;

/// <summary>
/// A list of keys as points of Curve25519, 32 bytes each (design, section 8): hashed with SHA-256 and the experiment's salt,
/// mapped by Elligator 2, multiplied by the secret scalars of the parties that have had the list.
/// </summary>
internal static class BlindedKeys
{
    public const int PointSize = 32;

    /// <summary>Keys a task: small enough to share the work, large enough to keep eight lanes busy.</summary>
    private const int SliceLength = 2048;

    /// <summary>Hashes keys to the curve.</summary>
    public static byte[] Hash(IReadOnlyList<string> keys, byte[] salt, int degreeOfParallelism, CancellationToken cancellationToken)
    {
        var points = new byte[checked(keys.Count * PointSize)];
        ForEachSlice(keys.Count, degreeOfParallelism, (start, length) =>
        {
            var digests = new byte[length * PointSize];
            for (var i = 0; i < length; i++)
            {
                var key = keys[start + i];
                var input = new byte[salt.Length + Encoding.UTF8.GetByteCount(key)];
                salt.CopyTo(input, 0);
                Encoding.UTF8.GetBytes(key, input.AsSpan(salt.Length));
                SHA256.HashData(input, digests.AsSpan(i * PointSize));
            }
            PointBatch.HashToCurve(digests, points.AsSpan(start * PointSize, length * PointSize));
        }, cancellationToken);
        return points;
    }

    /// <summary>Multiplies every point in place by a secret scalar.</summary>
    public static void Blind(byte[] points, BlindingScalar scalar, string owner, int degreeOfParallelism, CancellationToken cancellationToken)
    {
        try
        {
            ForEachSlice(points.Length / PointSize, degreeOfParallelism, (start, length) =>
            {
                var slice = points.AsSpan(start * PointSize, length * PointSize);
                var result = ArrayPool<byte>.Shared.Rent(slice.Length);
                PointBatch.Multiply(scalar, slice, result.AsSpan(0, slice.Length), cancellationToken);
                result.AsSpan(0, slice.Length).CopyTo(slice);
                ArrayPool<byte>.Shared.Return(result);
            }, cancellationToken);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<InvalidPointException>().FirstOrDefault() is { } invalid)
        {
            throw ProtocolErrors.BlindedKeysInvalid(owner, invalid.Message, e);
        }
    }

    /// <summary>Puts points into a random order.</summary>
    /// <returns>The shuffled points and, for each of them, the index that it had.</returns>
    public static (byte[] Points, int[] Origin) Shuffle(byte[] points)
    {
        var origin = RandomPermutation(points.Length / PointSize);
        var shuffled = new byte[points.Length];
        for (var i = 0; i < origin.Length; i++) points.AsSpan(origin[i] * PointSize, PointSize).CopyTo(shuffled.AsSpan(i * PointSize));
        return (shuffled, origin);
    }

    /// <summary>A uniformly random permutation from the operating system's generator.</summary>
    public static int[] RandomPermutation(int length)
    {
        var permutation = new int[length];
        for (var i = 0; i < length; i++) permutation[i] = i;
        RandomNumberGenerator.Shuffle<int>(permutation);
        return permutation;
    }

    public static PayloadBuffer ToPayload(string owner, byte[] points)
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Text(owner);
        writer.Int32(points.Length / PointSize);
        payload.Write(points);
        return payload;
    }

    public static (string Owner, byte[] Points) FromPayload(PayloadBuffer payload)
    {
        using (payload)
        {
            var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageNamed(Steps.AlignmentPoints.Name));
            var owner = reader.Text(128, "owner");
            var count = reader.Int32(0, (int)Math.Min(Array.MaxLength / PointSize, reader.Remaining / PointSize), "number of keys");
            var points = reader.Slice((long)count * PointSize).ToArray();
            reader.End();
            return (owner, points);
        }
    }

    private static void ForEachSlice(int count, int degreeOfParallelism, Action<int, int> body, CancellationToken cancellationToken)
    {
        var slices = (count + SliceLength - 1) / SliceLength;
        Parallel.For(0, slices, new ParallelOptions { MaxDegreeOfParallelism = degreeOfParallelism, CancellationToken = cancellationToken }, slice =>
        {
            var start = slice * SliceLength;
            body(start, Math.Min(SliceLength, count - start));
        });
    }
}
