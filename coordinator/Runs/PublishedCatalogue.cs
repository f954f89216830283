using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

/// <summary>A catalogue that a party has published, as it is shown to others.</summary>
/// <param name="Message">The serialised catalogue, checked and without what this program does not know: nothing is passed on that was not looked at.</param>
/// <param name="Hash">SHA-256 of its canonical JSON.</param>
/// <param name="Signature">The party's signature over it, which was verified.</param>
/// <param name="Published">When this version came.</param>
internal sealed record PublishedCatalogue(ByteString Message, byte[] Hash, byte[] Signature, DateTimeOffset Published);
