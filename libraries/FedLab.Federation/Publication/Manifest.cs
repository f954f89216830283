using FedLab.Federation.Experiments;
using FedLab.Learning;

namespace FedLab.Federation.Publication;

/// <summary>A party's line in the manifest.</summary>
/// <param name="Name">The party.</param>
/// <param name="Role">Its role.</param>
/// <param name="Rows">Rows that it brought to the alignment, after cleaning.</param>
/// <param name="Features">Its features by the names that it allows.</param>
/// <param name="SchemaHash">Salted hash of its schema, hexadecimal.</param>
/// <param name="ShareHash">Hash of its share of the model, hexadecimal.</param>
/// <param name="MinimumCohort">Smallest number of rows that it allows on either side of a split.</param>
/// <param name="Splits">Number of the model's splits that it owns.</param>
public sealed record ManifestParty(string Name, PartyRole Role, int Rows, IReadOnlyList<string> Features, string SchemaHash, string ShareHash, int MinimumCohort, int Splits);

/// <summary>
/// The published description of a joint model: everything that all parties may know of it, and the hashes that bind each
/// party's own share. With the same data, settings and seed it is the same to the byte; times, signatures and positions in
/// logs therefore stand beside it, not in it.
/// </summary>
public sealed record Manifest
{
    /// <summary>Name of the file in a run's store and in a published model.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Version of the format.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Name of the experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>What the model may be used for.</summary>
    public required string Purpose { get; init; }

    /// <summary>Kind of model.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the specification that all parties approved, with all settings of the learner and none of the protocol's, hexadecimal.</summary>
    public required string SpecHash { get; init; }

    /// <summary>Settings of the learner, all of them, defaults included.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The parties in the order of the specification.</summary>
    public required IReadOnlyList<ManifestParty> Parties { get; init; }

    /// <summary>Length of the common order.</summary>
    public required int AlignedRows { get; init; }

    /// <summary>Rows that the model was trained on.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>Rows that it was evaluated on.</summary>
    public required int TestRows { get; init; }

    /// <summary>Number of trees.</summary>
    public required int Trees { get; init; }

    /// <summary>Figures on the test rows; null when there were none, or of one class only.</summary>
    public BinaryMetrics? Metrics { get; init; }

    /// <summary>The canonical bytes: what is hashed and signed.</summary>
    public byte[] ToBytes() => ManifestFormat.ToBytes(this);

    /// <summary>Reads a manifest.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <exception cref="ProtocolException">It is malformed or too large.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> utf8) => ManifestFormat.Parse<Manifest>(utf8, manifest => manifest.Version);
}
