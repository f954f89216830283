using System.Security.Cryptography;
using System.Text.Json;
using System.Security.Cryptography.X509Certificates;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Enrolment;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

/// <summary>The published models: <c>models/RUN/manifest.json</c> and <c>signatures.json</c>.</summary>
internal sealed class ModelShelf(CoordinatorHome home, PartyRoster roster)
{
    private const string ManifestFile = "manifest.json";
    private const string SignaturesFile = "signatures.json";

    /// <summary>Checks that all parties published the same manifest and signed it, and stores it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">What was approved.</param>
    /// <param name="finished">What the parties reported, of a bank that left nothing.</param>
    /// <param name="directory">The parties' keys.</param>
    /// <returns>SHA-256 of the manifest.</returns>
    /// <exception cref="ProtocolException">The manifests differ, or a signature is missing or does not hold.</exception>
    public byte[] Publish(string run, ExperimentSpec spec, IReadOnlyDictionary<string, PartyFinished> finished, PartyDirectory directory)
    {
        var leader = spec.Parties.First(party => finished.ContainsKey(party.Name) && (spec.IsHorizontal || party.Role == PartyRole.Active)).Name;
        var report = finished[leader];
        var manifest = report.Manifest.ToByteArray();
        if (manifest.Length == 0) throw new ProtocolException("manifest-missing", Messages.NoManifest(leader));
        foreach (var party in spec.Parties.Where(party => finished.ContainsKey(party.Name)))
        {
            if (finished[party.Name].Manifest is { IsEmpty: false } other && other != report.Manifest) throw new ProtocolException("manifests-differ", Messages.ManifestsDiffer(leader, party.Name));
            if (!report.Signatures.TryGetValue(party.Name, out var signature) || !directory.Verify(party.Name, manifest, signature.Span)) throw new ProtocolException("manifest-signature", Messages.ManifestSignatureInvalid(party.Name));
        }
        var folder = home.ModelFolder(run);
        KeyFiles.CreateFolder(Path.GetDirectoryName(folder)!);
        KeyFiles.CreateFolder(folder);
        var signatures = new SortedDictionary<string, string>(finished.Keys.ToDictionary(name => name, name => report.Signatures[name].ToBase64(), StringComparer.Ordinal), StringComparer.Ordinal);
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
            // A party that was put out and came back has another key than the one that it signed with.
            if (roster.AllOf(party).FirstOrDefault(certificate => Verifies(certificate, model.Manifest.Span, signature)) is { } signer) model.Certificates.Add(party, signer.ExportCertificatePem());
        }
        return model;
    }

    private static bool Verifies(X509Certificate2 certificate, ReadOnlySpan<byte> manifest, string signature)
    {
        using var directory = new PartyDirectory([KeyValuePair.Create("", certificate)]);
        return directory.Verify("", manifest, Convert.FromBase64String(signature));
    }
}
