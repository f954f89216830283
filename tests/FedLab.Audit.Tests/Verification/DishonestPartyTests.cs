using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace FedLab.Audit.Tests.Verification;

/// <summary>Logs that are whole and well signed, but whose owners logged what did not happen, or not what did; and swapped certificates, keys and models.</summary>
public sealed class DishonestPartyTests
{
    private static async Task<AuditVerdict> RunAsync(Func<TestLab, Task>? during = null, Action<BundleTamperer>? after = null, DateTimeOffset? certificatesUntil = null)
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2, during, certificatesUntil);
        after?.Invoke(new BundleTamperer(bundle));
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.False(verdict.Holds, "nothing was found");
        return verdict;
    }

    private static AuditFinding Only(AuditVerdict verdict, AuditFindingCode code)
    {
        AuditFinding[] errors = [.. verdict.Findings.Where(finding => finding.Severity == AuditSeverity.Error)];
        Assert.True(errors.Length > 0 && Array.TrueForAll(errors, finding => finding.Code == code), UntouchedBundleTests.Describe(verdict));
        return errors[0];
    }

    [Fact]
    public async Task T15_an_envelope_that_the_sender_did_not_log_is_named()
    {
        AuditFinding finding = Only(await RunAsync(lab => lab.SendAsync("bank-a", "data-b", new Mishap { OmitSent = true })), AuditFindingCode.EnvelopeNotSent);
        Assert.Contains("bank-a", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task T15_an_envelope_that_the_coordinator_did_not_log_is_named() =>
        Only(await RunAsync(lab => lab.SendAsync("bank-a", "data-b", new Mishap { OmitForwarded = true })), AuditFindingCode.EnvelopeNotForwarded);

    [Fact]
    public async Task T15_an_envelope_that_the_receiver_did_not_log_is_named() =>
        Only(await RunAsync(lab => lab.SendAsync("bank-a", "data-b", new Mishap { OmitReceived = true })), AuditFindingCode.EnvelopeNotReceived);

    [Fact]
    public async Task T15_an_envelope_to_the_coordinator_that_it_did_not_log_is_named() =>
        Only(await RunAsync(lab => lab.SendAsync("data-c", "coordinator", new Mishap { OmitReceived = true })), AuditFindingCode.EnvelopeNotReceived);

    [Theory]
    [InlineData("sha256")]
    [InlineData("length")]
    [InlineData("class")]
    [InlineData("step")]
    public async Task T16_an_envelope_that_changed_on_the_way_is_named_with_what_changed(string field)
    {
        EnvelopeRecord Change(EnvelopeRecord envelope) => field switch
        {
            "sha256" => envelope with { Sha256 = Sha256Hash.Of("other"u8) },
            "length" => envelope with { Length = envelope.Length + 1 },
            "class" => envelope with { Class = EnvelopeClass.Public },
            _ => envelope with { Step = "other" },
        };
        AuditVerdict verdict = await RunAsync(lab => lab.SendAsync("bank-a", "data-b", new Mishap { AtReceiver = Change }));
        AuditFinding differs = Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeDiffers);
        Assert.Equal("data-b", differs.Log);
        Assert.Contains(field, differs.Text, StringComparison.Ordinal);
        // What the receiver says it got is not what was signed.
        AuditFinding invalid = Assert.Single(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeSignatureInvalid);
        Assert.Equal(("data-b", differs.EntryIndex), (invalid.Log, invalid.EntryIndex));

        AuditVerdict atCoordinator = await RunAsync(lab => lab.SendAsync("bank-a", "data-b", new Mishap { AtCoordinator = Change }));
        Assert.Equal(TestLab.CoordinatorLog, Assert.Single(atCoordinator.Findings, finding => finding.Code == AuditFindingCode.EnvelopeDiffers).Log);
    }

    [Fact]
    public async Task T10_a_signature_taken_from_another_envelope_is_named()
    {
        AuditVerdict verdict = await RunAsync(async lab =>
        {
            EnvelopeRecord other = await lab.SendAsync("bank-a", "data-b");
            await lab.SendAsync("bank-a", "data-b", new Mishap { Signature = other.Sign(lab["bank-a"].SigningKey) });
        });
        Only(verdict, AuditFindingCode.EnvelopeSignatureInvalid);
    }

    [Fact]
    public async Task T10_a_signature_by_another_party_is_named()
    {
        byte[] forged = new byte[64];
        AuditVerdict verdict = await RunAsync(async lab =>
        {
            var envelope = new EnvelopeRecord(TestLab.Run, 1, "scan", 99, "bank-a", "data-b", EnvelopeClass.Sealed, 1, Sha256Hash.Of("x"u8));
            forged = envelope.Sign(lab["data-c"].SigningKey);
            await lab.Append(lab["bank-a"], AuditEvent.EgressSent(envelope, forged));
            await lab.Append(lab.Coordinator, AuditEvent.RelayForwarded(envelope, forged));
            await lab.Append(lab["data-b"], AuditEvent.IngressReceived(envelope, forged));
        });
        Only(verdict, AuditFindingCode.EnvelopeSignatureInvalid);
    }

    [Fact]
    public async Task T12_a_replayed_envelope_is_named_wherever_it_was_logged_again()
    {
        AuditVerdict verdict = await RunAsync(lab => lab.SendAsync("bank-a", "data-b", new Mishap { IsReplayed = true }));
        Only(verdict, AuditFindingCode.EnvelopeDuplicate);
        Assert.Equal([TestLab.CoordinatorLog, "data-b"], verdict.Findings.Where(finding => finding.Code == AuditFindingCode.EnvelopeDuplicate).Select(finding => finding.Log!));
    }

    [Fact]
    public async Task A_party_that_acts_after_it_was_put_out_is_named_with_both_entries()
    {
        AuditFinding finding = Only(await RunAsync(lab => lab.Append(lab.Coordinator, AuditEvent.PartyRevoked("data-b", "lead", Sha256Hash.Of(lab["data-b"].Certificate.RawData)))), AuditFindingCode.RevokedPartyActed);
        Assert.Equal(TestLab.CoordinatorLog, finding.Log);
        Assert.Contains("data-b", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_party_that_was_put_out_and_enrolled_anew_and_certificates_that_were_renewed_are_in_order()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2, async lab =>
        {
            var certificate = Sha256Hash.Of(lab["data-b"].Certificate.RawData);
            var key = Sha256Hash.Of("key"u8);
            await lab.Append(lab.Coordinator, AuditEvent.PartyRevoked("data-b", "lead", certificate));
            await lab.Append(lab.Coordinator, AuditEvent.PartyInvited("data-b", "lead", Sha256Hash.Of("token"u8)));
            // An answer that was lost: nobody holds this certificate.
            await lab.Append(lab.Coordinator, AuditEvent.PartyEnrolled("data-b", Sha256Hash.Of("lost"u8), key, Sha256Hash.Of("token"u8)));
            await lab.Append(lab.Coordinator, AuditEvent.PartyEnrolled("data-b", certificate, key, Sha256Hash.Of("token"u8)));
            await lab.Append(lab.Coordinator, AuditEvent.CertificateRenewed("coordinator", Sha256Hash.Of("own"u8), key));
            await lab.Append(lab.Coordinator, AuditEvent.PartyRevoked("data-d", "lead", certificateSha256: null));
        });
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
    }

    [Fact]
    public async Task A_certificate_that_a_party_was_shown_for_another_and_that_is_not_that_ones_is_named()
    {
        await RunPinsAsync(lab => Sha256Hash.Of(lab["data-b"].Certificate.RawData), isGood: true);
        await RunPinsAsync(_ => Sha256Hash.Of("made by whoever has the authority's key"u8), isGood: false);

        static async Task RunPinsAsync(Func<TestLab, Sha256Hash> shown, bool isGood)
        {
            using TemporaryFolder bundle = await TestLab.BundleAsync(2, lab => lab.Append(lab["bank-a"], AuditEvent.PeerPinned("data-b", shown(lab))));
            AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
            if (isGood) Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
            else Assert.Equal("bank-a", Only(verdict, AuditFindingCode.CertificateSwapped).Log);
        }
    }

    [Fact]
    public async Task A_certificate_that_the_coordinator_recorded_as_renewed_is_the_partys_and_one_that_it_did_not_is_not()
    {
        X509Certificate2? later = null;
        async Task RenewAsync(TestLab lab, bool isRecorded)
        {
            later = TestLab.Issue(lab.Authority, "data-b", lab["data-b"].SigningKey);
            if (isRecorded) await lab.Append(lab.Coordinator, AuditEvent.CertificateRenewed("data-b", Sha256Hash.Of(later.RawData), Sha256Hash.Of(later.PublicKey.ExportSubjectPublicKeyInfo())));
        }

        foreach (bool isRecorded in (bool[])[true, false])
        {
            using TemporaryFolder bundle = await TestLab.BundleAsync(2, lab => RenewAsync(lab, isRecorded));
            string file = Directory.EnumerateFiles(Path.Combine(bundle.FullName, "certificates")).Single(path => Path.GetFileName(path).StartsWith("data-b", StringComparison.Ordinal));
            await File.AppendAllTextAsync(file, "\n" + later!.ExportCertificatePem() + "\n", TestContext.Current.CancellationToken);
            AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
            if (isRecorded) Assert.True(verdict.Holds, UntouchedBundleTests.Describe(verdict));
            else Only(verdict, AuditFindingCode.CertificateSwapped);
            later.Dispose();
        }
    }

    [Fact]
    public async Task An_envelope_of_nobody_or_in_the_wrong_log_is_named()
    {
        AuditVerdict verdict = await RunAsync(async lab =>
        {
            var envelope = new EnvelopeRecord(TestLab.Run, 1, "scan", 0, "nobody", "data-b", EnvelopeClass.Sealed, 1, Sha256Hash.Of("x"u8));
            await lab.Append(lab.Coordinator, AuditEvent.RelayForwarded(envelope, new byte[64]));
            await lab.Append(lab["data-c"], AuditEvent.IngressReceived(envelope, new byte[64]));
        });
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeSenderUnknown && finding.Log == TestLab.CoordinatorLog);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeMisplaced && finding.Log == "data-c");
    }

    [Fact]
    public async Task An_approval_that_the_party_did_not_sign_is_named()
    {
        AuditVerdict verdict = await RunAsync(lab =>
        {
            var approval = new ApprovalRecord(TestLab.Run, "data-b", "officer", Sha256Hash.Of("another specification"u8));
            return lab.Append(lab.Coordinator, AuditEvent.RunApproved(approval, approval.Sign(lab["bank-a"].SigningKey)));
        });
        Only(verdict, AuditFindingCode.ApprovalSignatureInvalid);
    }

    [Fact]
    public async Task T26_times_that_contradict_the_clock_of_a_witness_are_pointed_out()
    {
        using TemporaryFolder bundle = await TestLab.BundleAsync(2, async lab =>
        {
            await lab.RoundsAsync(1);
            // The witnesses saw the log at noon; what follows claims to be of the morning.
            lab.WitnessClock.Now += TimeSpan.FromHours(4);
            await lab.CheckpointAsync();
        });
        AuditVerdict verdict = await AuditVerifier.VerifyAsync(bundle.FullName, TestContext.Current.CancellationToken);
        AuditFinding[] findings = [.. verdict.Findings.Where(finding => finding.Code == AuditFindingCode.TimeContradictsWitness)];
        Assert.Equal(3, findings.Length);
        Assert.All(findings, finding => Assert.Equal(AuditSeverity.Warning, finding.Severity));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_named()
    {
        AuditVerdict verdict = await RunAsync(after: bundle =>
        {
            using X509Certificate2 authority = TestLab.CreateAuthority("CN=FedLab test authority");
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using X509Certificate2 certificate = TestLab.Issue(authority, "data-b", key);
            File.WriteAllText(bundle.PathOf("certificates", "data-b.pem"), certificate.ExportCertificatePem());
        });
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.CertificateUntrusted && finding.Text.Contains("data-b", StringComparison.Ordinal));
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.CertificateSwapped);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeSenderUnknown);
    }

    [Fact]
    public async Task A_certificate_swapped_for_another_of_the_same_authority_is_named()
    {
        AuditVerdict verdict = await RunAsync(after: bundle =>
            File.Copy(bundle.PathOf("certificates", "data-c.pem"), bundle.PathOf("certificates", "data-b.pem"), overwrite: true));
        // By the coordinator's log, by the party's own, and as a stranger in the file.
        Assert.Equal(3, verdict.Findings.Count(finding => finding.Code == AuditFindingCode.CertificateSwapped && finding.Text.Contains("data-b", StringComparison.Ordinal)));
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.EnvelopeSignatureInvalid);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.ModelSignatureInvalid);
    }

    [Fact]
    public async Task An_authority_swapped_together_with_all_certificates_is_named_by_the_log()
    {
        AuditVerdict verdict = await RunAsync(after: bundle =>
        {
            using X509Certificate2 authority = TestLab.CreateAuthority("CN=Another authority");
            File.WriteAllText(bundle.PathOf("certificates", "ca.pem"), authority.ExportCertificatePem());
            foreach (string name in TestLab.PartyNames.Append("coordinator"))
            {
                using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                using X509Certificate2 certificate = TestLab.Issue(authority, name, key);
                File.WriteAllText(bundle.PathOf("certificates", name + ".pem"), certificate.ExportCertificatePem());
            }
        });
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.LabRulesChanged);
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.CertificateSwapped);
        Assert.DoesNotContain(verdict.Findings, finding => finding.Code == AuditFindingCode.CertificateUntrusted);
    }

    [Fact]
    public async Task A_certificate_that_had_expired_when_it_was_used_is_named_at_the_first_entry()
    {
        AuditVerdict verdict = await RunAsync(certificatesUntil: new DateTimeOffset(2026, 3, 1, 8, 0, 10, TimeSpan.Zero));
        AuditFinding finding = Only(verdict, AuditFindingCode.CertificateExpired);
        Assert.True(finding.EntryIndex > 0);
    }

    [Fact]
    public async Task A_swapped_cosigning_key_a_lowered_quorum_and_a_party_that_never_joined_are_named()
    {
        AuditVerdict verdict = await RunAsync(after: bundle => bundle.EditDescription(description =>
        {
            using var stranger = FedLab.Curve25519.Ed25519PrivateKey.Generate();
            using var another = FedLab.Curve25519.Ed25519PrivateKey.Generate();
            description["quorum"] = 1;
            JsonArray parties = description["parties"]!.AsArray();
            parties[2]!["cosigningKey"] = VerifierKey.ForWitness("data-c", stranger.PublicKey).ToString();
            JsonNode ghost = parties[2]!.DeepClone();
            ghost["name"] = "ghost";
            ghost["cosigningKey"] = VerifierKey.ForWitness("ghost", another.PublicKey).ToString();
            parties.Add(ghost);
        }));
        foreach (AuditFindingCode code in (AuditFindingCode[])[AuditFindingCode.CosigningKeySwapped, AuditFindingCode.LabRulesChanged, AuditFindingCode.PartyNotJoined, AuditFindingCode.LogIdentityWrong])
        {
            Assert.Contains(verdict.Findings, finding => finding.Code == code);
        }
    }

    [Fact]
    public async Task T17_a_replaced_model_is_named_and_its_signatures_no_longer_fit()
    {
        AuditVerdict verdict = await RunAsync(after: bundle => File.AppendAllText(bundle.PathOf("model", "manifest.json"), " "));
        Assert.Contains(verdict.Findings, finding => finding.Code == AuditFindingCode.ModelReplaced && finding.Log == TestLab.CoordinatorLog);
        Assert.Equal(3, verdict.Findings.Count(finding => finding.Code == AuditFindingCode.ModelSignatureInvalid));
    }

    [Fact]
    public async Task T17_a_missing_model_signature_a_moved_one_and_a_missing_manifest_are_named()
    {
        AuditVerdict missing = await RunAsync(after: bundle => EditSignatures(bundle, signatures => signatures.RemoveAt(1)));
        Assert.Contains("data-b", Only(missing, AuditFindingCode.ModelSignatureMissing).Text, StringComparison.Ordinal);

        AuditVerdict moved = await RunAsync(after: bundle => EditSignatures(bundle, signatures => signatures[1]!["signature"] = (string)signatures[0]!["signature"]!));
        Only(moved, AuditFindingCode.ModelSignatureInvalid);

        AuditVerdict unknownAlgorithm = await RunAsync(after: bundle => EditSignatures(bundle, signatures => signatures[1]!["algorithm"] = "none"));
        Only(unknownAlgorithm, AuditFindingCode.ModelSignatureInvalid);

        AuditVerdict none = await RunAsync(after: bundle => EditSignatures(bundle, signatures => signatures[1] = null));
        Assert.Contains(none.Findings, finding => finding.Code == AuditFindingCode.FileUnreadable);

        AuditVerdict noManifest = await RunAsync(after: bundle => File.Delete(bundle.PathOf("model", "manifest.json")));
        Only(noManifest, AuditFindingCode.ModelMissing);

        AuditVerdict noSignatures = await RunAsync(after: bundle => File.Delete(bundle.PathOf("model", "signatures.json")));
        Assert.Contains(noSignatures.Findings, finding => finding.Code == AuditFindingCode.FileUnreadable);
        Assert.Equal(3, noSignatures.Findings.Count(finding => finding.Code == AuditFindingCode.ModelSignatureMissing));
    }

    private static void EditSignatures(BundleTamperer bundle, Action<JsonArray> change)
    {
        string path = bundle.PathOf("model", "signatures.json");
        JsonNode signatures = JsonNode.Parse(File.ReadAllText(path))!;
        change(signatures["signatures"]!.AsArray());
        File.WriteAllText(path, signatures.ToJsonString());
    }
}
