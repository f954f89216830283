using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Enrolment;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Services;

/// <summary>Admits participants. Its first two methods are the only ones that strangers reach.</summary>
internal sealed class AdmissionService(EnrolmentDesk desk, CoordinatorHome home, ILogger<AdmissionService> logger) : Admission.AdmissionBase
{
    public override Task<GetAuthorityReply> GetAuthority(GetAuthorityRequest request, ServerCallContext context) =>
        Task.FromResult(new GetAuthorityReply { Certificate = ByteString.CopyFrom(home.Authority.RawData), Lab = home.Options.Lab });

    public override Task<EnrolReply> Enrol(EnrolRequest request, ServerCallContext context) => Logged(context, () =>
    {
        if (request.Secret.Length != EnrolmentToken.SecretBytes) throw new RpcException(new Status(StatusCode.InvalidArgument, Messages.TokenUnknown(home.Options.Lab)));
        return desk.Enrol(request.Secret.ToByteArray(), request.SigningRequest.Span, request.Party);
    });

    public override Task<EnrolReply> Renew(RenewRequest request, ServerCallContext context) => Logged(context, () =>
    {
        var caller = AccessControl.CallerOf(context);
        return caller.Role == LabRole.Lead ? desk.RenewLead(context.GetHttpContext().Connection.ClientCertificate!, request.SigningRequest.Span) : desk.Renew(caller.Name, request.SigningRequest.Span);
    });

    private Task<EnrolReply> Logged(ServerCallContext context, Func<System.Security.Cryptography.X509Certificates.X509Certificate2> issue)
    {
        try
        {
            return Task.FromResult(new EnrolReply { Certificate = ByteString.CopyFrom(issue().RawData) });
        }
        catch (RpcException e)
        {
            Log.CallRefused(logger, context.Peer, e.Status.Detail);
            throw;
        }
    }
}
