using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

// Proposals: what a lead asks for and what the parties decide.
internal sealed partial class RunBook
{
    /// <summary>Proposes a run.</summary>
    /// <exception cref="ProtocolException">The specification is malformed or names a party that the lab does not have.</exception>
    public RunDescription Propose(ReadOnlySpan<byte> specification, string lead)
    {
        var spec = ExperimentSpec.Parse(specification);
        try
        {
            RunSettings.Parse(spec);
        }
        catch (LearningException e)
        {
            throw new ProtocolException("setting-invalid", e.Message, e);
        }
        var stored = new StoredRun
        {
            Run = $"{RunText.Shortened(spec.Name)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RunSuffixBytes))}",
            Experiment = spec.Name,
            Spec = spec.ToBytes(),
            SpecHash = spec.Hash(),
            ProposedBy = lead,
            Created = _time.GetUtcNow(),
        };
        lock (_gate)
        {
            foreach (var party in spec.Parties)
            {
                if (SessionOf(party.Name) is null) throw new ProtocolException("party-unknown", Messages.NoSuchParty(party.Name, string.Join(", ", PartyNames)));
            }
            _store.AddRun(stored);
            _journal.Append(AuditEvent.RunProposed(stored.Run, lead, new Sha256Hash(stored.SpecHash)));
            Log.RunProposed(_logger, stored.Run, lead);
            var run = new ActiveRun(stored, spec);
            _runs.Add(stored.Run, run);
            foreach (var name in run.Members.Keys)
            {
                if (_parties[name].IsConnected) SendProposal(run, name);
            }
            return Describe(run);
        }
    }

    /// <summary>A party has decided on a proposal.</summary>
    public void Decided(PartySession session, Decision decision)
    {
        lock (_gate)
        {
            if (!TryMember(session, decision.Run, out var run, out var member) || run.Stored.State != RunState.Proposed || member.Decision is not null) return;
            var specHash = new Sha256Hash(run.Stored.SpecHash);
            var reason = RunText.Clip(decision.Reason);
            if (decision.Approve)
            {
                var approver = EnvelopeHeader.IsName(decision.Approver) ? decision.Approver : "?";
                var approval = new ApprovalRecord(run.Stored.Run, session.Name, approver, specHash);
                if (approver == "?" || !_roster.Directory.Verify(session.Name, approval.SigningBytes(), decision.Signature.Span))
                {
                    Deny(session, run, step: null, "approval-signature-invalid", Messages.ApprovalInvalid(session.Name));
                    return;
                }
                _journal.Append(AuditEvent.RunApproved(approval, decision.Signature.Span));
            }
            else
            {
                _journal.Append(AuditEvent.RunRefused(run.Stored.Run, session.Name, specHash, RunText.IsCode(decision.ReasonCode) ? decision.ReasonCode : "refused"));
            }
            member.Decision = new StoredDecision(run.Stored.Run, session.Name, decision.Approve, reason, decision.Approver, decision.Signature.ToByteArray(), _time.GetUtcNow());
            _store.AddDecision(member.Decision);
            Log.RunDecided(_logger, run.Stored.Run, session.Name, decision.Approve, reason);
            if (!decision.Approve)
            {
                EndRun(run, RunState.Refused, Messages.RefusedBy(session.Name, reason), "refused");
                return;
            }
            if (run.Members.Values.All(other => other.Decision is { Approve: true }))
            {
                Update(run, run.Stored with { State = RunState.Approved });
                run.WaitingSince = _time.GetUtcNow();
                TryStart(run);
            }
            run.Changed();
        }
    }

    private void SendProposal(ActiveRun run, string party)
    {
        var proposal = new Proposal { Run = run.Stored.Run, Spec = ByteString.CopyFrom(run.Stored.Spec), ProposedBy = run.Stored.ProposedBy, RevocationList = _revocations };
        proposal.Certificates.AddRange(CertificatesOf(run.Members.Keys));
        _parties[party].Session.Post(new CoordinatorFrame { Proposal = proposal });
        run.Members[party].IsAsked = true;
    }
}
