using System.Security.Cryptography;
using FedLab.Federation.Channels;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Horizontal;

/// <summary>
/// The published description of a model that banks trained together: all of it follows from the sums, so every bank makes the same bytes and signs them. The model itself is a file beside it,
/// bound by its hash, and reaches whom the banks give it to.
/// </summary>
public sealed record BankManifest
{
    /// <summary>Version of the format.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Always <c>horizontal</c>.</summary>
    public string Federation { get; init; } = "horizontal";

    /// <summary>Name of the experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>What the model may be used for.</summary>
    public required string Purpose { get; init; }

    /// <summary>Kind of model.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the specification that all banks approved, with all settings of the learner and none of the protocol's, hexadecimal.</summary>
    public required string SpecHash { get; init; }

    /// <summary>Settings of the learner, all of them, defaults included.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The banks in the order of the specification.</summary>
    public required IReadOnlyList<string> Banks { get; init; }

    /// <summary>For each bank that left before the end, the number of sums that it took part in; null when none did.</summary>
    public IReadOnlyDictionary<string, int>? Absent { get; init; }

    /// <summary>Number of sums that were decrypted for training and evaluation.</summary>
    public required int Rounds { get; init; }

    /// <summary>Names of the features.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>SHA-256 of the model's JSON file, hexadecimal.</summary>
    public required string ModelHash { get; init; }

    /// <summary>Training rows of all banks together.</summary>
    public required long TrainingRows { get; init; }

    /// <summary>Test rows of all banks together.</summary>
    public required long TestRows { get; init; }

    /// <summary>Metrics on the test rows of all banks together; null when there were none of a class.</summary>
    public BinaryMetrics? Metrics { get; init; }

    /// <summary>The canonical bytes: what is hashed and signed.</summary>
    public byte[] ToBytes() => ManifestFormat.ToBytes(this);

    /// <summary>Reads a manifest.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <exception cref="ProtocolException">It is malformed or too large.</exception>
    public static BankManifest Parse(ReadOnlySpan<byte> utf8) => ManifestFormat.Parse<BankManifest>(utf8, manifest => manifest.Version);

    /// <summary>Signs the manifest and takes the other banks' signatures over the same bytes.</summary>
    /// <returns>The signatures of all banks of the attempt.</returns>
    internal static async Task<IReadOnlyDictionary<string, byte[]>> SignAsync(PartyRunContext context, PartyChannel channel, byte[] manifest, CancellationToken cancellationToken)
    {
        var signatures = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [channel.Self] = context.Identity.Sign(manifest) };
        await channel.BroadcastAsync(Steps.BankSignature, PayloadBuffer.Of(signatures[channel.Self]), cancellationToken).ConfigureAwait(false);
        foreach (var peer in channel.Peers)
        {
            using var payload = await channel.ReceiveAsync(peer, Steps.BankSignature, cancellationToken).ConfigureAwait(false);
            var signature = payload.ToArray();
            if (!context.Directory.Verify(peer, manifest, signature)) throw ProtocolErrors.ManifestSignature(peer);
            signatures.Add(peer, signature);
        }
        context.Journal.Record("model.built", new Dictionary<string, object> { ["manifest"] = Convert.ToHexStringLower(SHA256.HashData(manifest)) });
        return signatures;
    }
}
