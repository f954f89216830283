using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation.Catalogues;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

// What the parties have published of their data.
internal sealed partial class RunBook
{
    private const string CatalogueInvalidRule = "catalogue-invalid";
    private const string CatalogueSignatureRule = "catalogue-signature-invalid";
    private const string CatalogueTooOftenRule = "catalogue-too-often";

    // ECDSA P-256 in IEEE P1363 form.
    private const int SignatureBytes = 64;

    // An institution changes its catalogue when its data or its mind change. Every change is written to the disk and into a log that forgets nothing.
    private const int MaximumCatalogueChanges = 60;
    private static readonly TimeSpan CatalogueChangePeriod = TimeSpan.FromHours(1);

    /// <summary>A party says what it publishes.</summary>
    /// <param name="session">The party.</param>
    /// <param name="notice">Its signed catalogue, or that it has none. Nothing of it is believed.</param>
    public void Published(PartySession session, CatalogueNotice notice)
    {
        // A large one takes a moment, in which nobody else need wait.
        string? problem = null;
        var catalogue = notice.HasCatalogue ? CatalogueRules.Read(notice.Catalogue, out problem) : null;
        var hash = catalogue is null ? [] : CanonicalCatalogue.Hash(catalogue);
        byte[] signature = notice.Signature.Length == SignatureBytes ? notice.Signature.ToByteArray() : [];
        var isSigned = catalogue is null || IsSigned(session.Name, hash, signature);
        lock (_gate)
        {
            if (PresenceOf(session) is not { IsOut: false } presence) return;
            if (problem is not null) Refuse(presence, CatalogueInvalidRule, problem);
            else if (!isSigned) Refuse(presence, CatalogueSignatureRule, Messages.CatalogueUnsigned(session.Name));
            else if (hash.AsSpan().SequenceEqual(presence.Catalogue?.Hash ?? [])) Confirm(presence);
            else if (!MayChange(presence)) Refuse(presence, CatalogueTooOftenRule, Messages.CatalogueTooOften(MaximumCatalogueChanges, (int)CatalogueChangePeriod.TotalMinutes));
            else Change(presence, catalogue, hash, signature);
        }
    }

    /// <summary>What the parties of the lab have published.</summary>
    /// <param name="party">Only this one; empty for all.</param>
    public IReadOnlyList<PartyCatalogue> Catalogues(string party)
    {
        lock (_gate)
        {
            return [.. PartyNames.Where(name => party.Length == 0 || name == party).Select(name =>
            {
                var presence = _parties[name];
                var described = new PartyCatalogue { Party = name, Connected = presence.IsConnected };
                if (presence.Catalogue is { } published && _roster.Find(name) is { } certificate)
                {
                    described.Catalogue = published.Message;
                    described.PublishedUnixMs = published.Published.ToUnixTimeMilliseconds();
                    described.Sha256 = ByteString.CopyFrom(published.Hash);
                    described.Signature = ByteString.CopyFrom(published.Signature);
                    described.Certificate = ByteString.CopyFrom(certificate.RawData);
                }
                return described;
            })];
        }
    }

    /// <summary>Takes over what was published before this process began. What a party has signed with a key that is no longer its own nobody could check: it publishes anew when it connects.</summary>
    private void RestoreCatalogues()
    {
        foreach (var stored in _store.Catalogues())
        {
            if (!_parties.TryGetValue(stored.Party, out var presence)) continue;
            if (IsSigned(stored.Party, stored.Hash, stored.Signature)) presence.Catalogue = new PublishedCatalogue(ByteString.CopyFrom(stored.Catalogue), stored.Hash, stored.Signature, stored.Published);
            else _store.RemoveCatalogue(stored.Party);
        }
    }

    private bool IsSigned(string party, byte[] hash, byte[] signature) => _roster.Directory.Verify(party, StatementOf(party, hash).SigningBytes(), signature);

    private CatalogueRecord StatementOf(string party, byte[] hash) => new(Sha256Hash.Of(_home.Authority.RawData), party, new Sha256Hash(hash));

    private void Change(PartyPresence presence, DataCatalogue? catalogue, byte[] hash, byte[] signature)
    {
        var party = presence.Session.Name;
        if (catalogue is null)
        {
            _journal.AppendDurably(AuditEvent.CatalogueWithdrawn(party));
            _store.RemoveCatalogue(party);
            presence.Catalogue = null;
            Log.CatalogueWithdrawn(_logger, party);
        }
        else
        {
            // On record before anybody sees it, and before the state says that it need not be recorded again.
            _journal.AppendDurably(AuditEvent.CataloguePublished(StatementOf(party, hash), signature, catalogue.Features.Count));
            presence.Catalogue = new PublishedCatalogue(catalogue.ToByteString(), hash, signature, _time.GetUtcNow());
            _store.PutCatalogue(new StoredCatalogue(party, presence.Catalogue.Message.ToByteArray(), hash, signature, presence.Catalogue.Published));
            Log.CataloguePublished(_logger, party, catalogue.Features.Count);
        }
        Confirm(presence);
    }

    private static void Confirm(PartyPresence presence)
    {
        presence.CatalogueRefusal = "";
        presence.Session.Post(new CoordinatorFrame { Catalogue = new CatalogueReceipt { Sha256 = ByteString.CopyFrom(presence.Catalogue?.Hash ?? []) } });
    }

    private void Refuse(PartyPresence presence, string rule, string sentence)
    {
        // Once: a party that goes on sending it must not fill a log that forgets nothing.
        if (presence.CatalogueRefusal != rule) RecordDenial(presence.Session, run: null, step: null, rule, sentence);
        presence.CatalogueRefusal = rule;
        presence.Session.Post(new CoordinatorFrame { Catalogue = new CatalogueReceipt { Refusal = sentence, Sha256 = ByteString.CopyFrom(presence.Catalogue?.Hash ?? []) } });
    }

    private bool MayChange(PartyPresence presence)
    {
        var now = _time.GetUtcNow();
        if (now - presence.CatalogueChangesSince > CatalogueChangePeriod) (presence.CatalogueChangesSince, presence.CatalogueChanges) = (now, 0);
        return ++presence.CatalogueChanges <= MaximumCatalogueChanges;
    }
}
