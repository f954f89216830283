using System.Security.Cryptography;
using System.Text.Json;
using FedLab.Coordinator.Configuration;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

/// <summary>The published models: <c>models/RUN/manifest.json</c> and <c>signatures.json</c>.</summary>
internal sealed class ModelShelf(CoordinatorHome home)
{
    private const string ManifestFile = "manifest.json";
    private const string SignaturesFile = "signatures.json";

    /// <summary>Checks that all parties published the same manifest and signed it, and stores it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">What was approved.</param>
    /// <param name="finished">What the parties reported.</param>
    /// <param name="directory">The parties' keys.</param>
    /// <returns>SHA-256 of the manifest.</returns>
    /// <exception cref="ProtocolException">The manifests differ, or a signature is missing or does not hold.</exception>
    public byte[] Publish(string run, ExperimentSpec spec, IReadOnlyDictionary<string, PartyFinished> finished, PartyDirectory directory)
    {
        var report = finished[spec.Active];
        var manifest = report.Manifest.ToByteArray();
        if (manifest.Length == 0) throw new ProtocolException("manifest-missing", Messages.NoManifest(spec.Active));
        foreach (var party in spec.Parties)
        {
            if (finished[party.Name].Manifest is { IsEmpty: false } other && other != report.Manifest) throw new ProtocolException("manifests-differ", Messages.ManifestsDiffer(spec.Active, party.Name));
            if (!report.Signatures.TryGetValue(party.Name, out var signature) || !directory.Verify(party.Name, manifest, signature.Span)) throw new ProtocolException("manifest-signature", Messages.ManifestSignatureInvalid(party.Name));
        }
        var folder = home.ModelFolder(run);
        KeyFiles.CreateFolder(Path.GetDirectoryName(folder)!);
        KeyFiles.CreateFolder(folder);
        var signatures = new SortedDictionary<string, string>(spec.Parties.ToDictionary(party => party.Name, party => report.Signatures[party.Name].ToBase64(), StringComparer.Ordinal), StringComparer.Ordinal);
        KeyFiles.WriteAtomically(Path.Combine(folder, ManifestFile), manifest, ownerOnly: false);
        KeyFiles.WriteAtomically(Path.Combine(folder, SignaturesFile), JsonSerializer.SerializeToUtf8Bytes(signatures), ownerOnly: false);
        return SHA256.HashData(manifest);
    }

    /// <summary>A published model; null when there is none.</summary>
    /// <param name="run">The run that trained it, a name.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PublishedModel?> FindAsync(string run, CancellationToken cancellationToken)
    {
        var folder = home.ModelFolder(run);
        if (!File.Exists(Path.Combine(folder, SignaturesFile))) return null;
        var model = new PublishedModel { Run = run, Manifest = ByteString.CopyFrom(await File.ReadAllBytesAsync(Path.Combine(folder, ManifestFile), cancellationToken).ConfigureAwait(false)) };
        var signatures = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllBytesAsync(Path.Combine(folder, SignaturesFile), cancellationToken).ConfigureAwait(false))!;
        foreach (var (party, signature) in signatures)
        {
            model.Signatures.Add(party, ByteString.FromBase64(signature));
            if (home.PartyCertificates.TryGetValue(party, out var certificate)) model.Certificates.Add(party, certificate.ExportCertificatePem());
        }
        return model;
    }
}
