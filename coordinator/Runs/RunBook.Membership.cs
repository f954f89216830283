using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

// Parties that come in and are put out while the coordinator runs.
internal sealed partial class RunBook
{
    private readonly List<PartySession> _retired = [];
    private ByteString _revocations = ByteString.Empty;

    /// <summary>Whether a party is connected.</summary>
    /// <param name="party">The party.</param>
    public bool IsConnected(string party) => _parties.TryGetValue(party, out var presence) && presence is { IsConnected: true, IsOut: false };

    /// <summary>A party has enrolled, for the first time or anew.</summary>
    /// <param name="party">The party.</param>
    public void Admit(string party)
    {
        lock (_gate)
        {
            if (_parties.TryGetValue(party, out var former))
            {
                if (!former.IsOut) return;
                _retired.Add(former.Session);
                _order.Remove(party);
            }
            _parties[party] = Presence(party, seen: null);
            _order.Add(party);
        }
    }

    /// <summary>A party is put out: its session is closed and its runs end, for all. Nothing of it is recorded behind the event.</summary>
    /// <param name="party">The party.</param>
    /// <param name="sentence">Why, for those who take part in its runs and for itself.</param>
    /// <param name="entry">What the audit log is to hold.</param>
    /// <param name="putOut">Takes the party out of the roster. Its runs end first: otherwise a message on its way would end them as one whose signature does not hold.</param>
    public void Revoke(string party, string sentence, AuditEvent entry, Action putOut)
    {
        lock (_gate)
        {
            if (_parties.TryGetValue(party, out var presence)) presence.IsOut = true;
            foreach (var run in RunsOf(party).Where(run => !run.IsPublishing && run.Includes(party)).ToList()) EndRun(run, RunState.Failed, sentence, "party-revoked");
            _journal.AppendDurably(entry);
            presence?.Session.Refuse(sentence);
            putOut();
            _nextCheckpoint = _time.GetUtcNow(); // who was put out is to be cosigned by those who stay, soon
        }
    }

    /// <summary>The list of revoked certificates that goes to the parties with what they are to judge.</summary>
    /// <param name="revocations">The signed list; empty when none was revoked.</param>
    public void SetRevocations(byte[] revocations)
    {
        lock (_gate) _revocations = ByteString.CopyFrom(revocations);
    }

    private PartyPresence Presence(string party, StoredParty? seen) =>
        new(new PartySession(party, this, session => new EnvelopeRelay(session, this, _roster.Directory, Window), Window), seen);

    private long Window => (long)_home.Options.WindowMiB << 20;

    private IEnumerable<PartyCertificate> CertificatesOf(IEnumerable<string> parties) => parties
        .Select(name => (Name: name, Certificate: _roster.Find(name)))
        .Where(party => party.Certificate is not null)
        .Select(party => new PartyCertificate { Party = party.Name, Certificate = ByteString.CopyFrom(party.Certificate!.RawData) });
}
