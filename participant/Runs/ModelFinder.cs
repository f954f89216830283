using System.Security.Cryptography;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Participant.Configuration;

namespace FedLab.Participant.Runs;

/// <summary>Finds this party's files of the run that published a manifest.</summary>
internal sealed class ModelFinder(ParticipantHome home)
{
    /// <summary>The store of the training run; null when this party has none with that manifest.</summary>
    /// <param name="manifestHash">SHA-256 of the manifest, hexadecimal.</param>
    public IRunStore? Find(string manifestHash)
    {
        foreach (var folder in Directory.EnumerateDirectories(home.RunsFolder).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, Manifest.FileName);
            if (!File.Exists(path) || !File.Exists(Path.Combine(folder, PartyShare.FileName))) continue;
            if (Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) == manifestHash) return RunFolder.Open(folder);
        }
        return null;
    }
}
