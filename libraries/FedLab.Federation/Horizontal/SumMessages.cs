using System.Buffers;
using System.Security.Cryptography;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Lattice.Multiparty;

namespace FedLab.Federation.Horizontal;

/// <summary>A contribution to a sum, or the sum itself: as many ciphertexts as the values need. One owner, who disposes it.</summary>
/// <param name="Round">Number of the round within the run, from 0.</param>
/// <param name="Count">Number of values.</param>
/// <param name="Ciphertexts">Full ones, and a last one for the rest.</param>
internal sealed record EncryptedValues(int Round, int Count, SumCiphertext[] Ciphertexts) : IDisposable
{
    /// <summary>Most values of a round.</summary>
    public const int MaximumCount = 1 << 22;

    /// <summary>Most rounds of a run.</summary>
    public const int MaximumRounds = 1 << 24;

    /// <summary>The lengths of the ciphertexts of so many values.</summary>
    public static IEnumerable<int> Lengths(int count, int perCiphertext)
    {
        for (var start = 0; start < count; start += perCiphertext) yield return Math.Min(perCiphertext, count - start);
    }

    /// <summary>Encrypts values.</summary>
    public static EncryptedValues Encrypt(int round, ReadOnlySpan<long> values, SumEncryptor encryptor, int perCiphertext)
    {
        var ciphertexts = new List<SumCiphertext>();
        foreach (var length in Lengths(values.Length, perCiphertext)) ciphertexts.Add(encryptor.Encrypt(values.Slice(ciphertexts.Count * perCiphertext, length)));
        return new EncryptedValues(round, values.Length, [.. ciphertexts]);
    }

    /// <summary>Reads a contribution.</summary>
    /// <param name="payload">The message.</param>
    /// <param name="sender">Who sent it, for errors.</param>
    /// <param name="context">The ring.</param>
    /// <exception cref="ProtocolException">It is malformed.</exception>
    public static EncryptedValues Read(ReadOnlySequence<byte> payload, string sender, LatticeContext context)
    {
        var reader = new MessageReader(payload, LabMessages.MessageOf(Steps.SumPart.Name, sender));
        var round = reader.Int32(0, MaximumRounds, "round");
        var count = reader.Int32(1, MaximumCount, "count");
        var ciphertexts = new List<SumCiphertext>();
        try
        {
            foreach (var length in Lengths(count, context.Parameters.Degree))
                ciphertexts.Add(SumCiphertext.Read(reader.Slice(SumCiphertext.SerializedSize(context, length)), context, length));
            reader.End();
            return new EncryptedValues(round, count, [.. ciphertexts]);
        }
        catch (Exception e)
        {
            foreach (var ciphertext in ciphertexts) ciphertext.Dispose();
            if (e is LatticeFormatException) throw ProtocolErrors.SumPartMalformed(sender, e.Message, e);
            throw;
        }
    }

    /// <summary>The message.</summary>
    public PayloadBuffer ToPayload()
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(Round);
        writer.Int32(Count);
        foreach (var ciphertext in Ciphertexts) ciphertext.Write(payload);
        return payload;
    }

    /// <summary>Adds another contribution of the same round and length.</summary>
    public void Add(EncryptedValues addend)
    {
        for (var i = 0; i < Ciphertexts.Length; i++) Ciphertexts[i].Add(addend.Ciphertexts[i]);
    }

    /// <summary>What the coordinator announces of a sum: round, length and hash, so that nobody can be shown another one.</summary>
    public byte[] Announcement(string run, int attempt)
    {
        using var payload = ToPayload();
        var text = new ArrayBufferWriter<byte>();
        var writer = new MessageWriter(text);
        writer.Text("fedlab sum v1");
        writer.Text(run);
        writer.Int32(attempt);
        writer.Bytes(payload.Hash());
        var announcement = new ArrayBufferWriter<byte>();
        writer = new MessageWriter(announcement);
        writer.Int32(Round);
        writer.Int32(Count);
        writer.Bytes(SHA256.HashData(text.WrittenSpan));
        return announcement.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var ciphertext in Ciphertexts) ciphertext.Dispose();
    }
}
