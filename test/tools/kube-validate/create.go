package main

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	request "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
)

// strategies are what the API server itself asks before it stores a new object.
var strategies = map[schema.GroupKind]rest.RESTCreateStrategy{
	{Kind: "ConfigMap"}:                                              configmap.Strategy,
	{Kind: "Namespace"}:                                              namespace.Strategy,
	{Kind: "PersistentVolume"}:                                       persistentvolume.Strategy,
	{Kind: "PersistentVolumeClaim"}:                                  persistentvolumeclaim.Strategy,
	{Kind: "Pod"}:                                                    pod.Strategy,
	{Kind: "Secret"}:                                                 secret.Strategy,
	{Kind: "Service"}:                                                service.Strategy,
	{Kind: "ServiceAccount"}:                                         serviceaccount.Strategy,
	{Group: "apps", Kind: "DaemonSet"}:                               daemonset.Strategy,
	{Group: "apps", Kind: "Deployment"}:                              deployment.Strategy,
	{Group: "apps", Kind: "StatefulSet"}:                             statefulset.Strategy,
	{Group: "batch", Kind: "Job"}:                                    job.Strategy,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}:              networkpolicy.Strategy,
	{Group: "policy", Kind: "PodDisruptionBudget"}:                   poddisruptionbudget.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:        clusterrole.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}: clusterrolebinding.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}:               role.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}:        rolebinding.Strategy,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:              priorityclass.Strategy,
}

var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// object is one decoded and defaulted manifest.
type object struct {
	name string
	kind schema.GroupVersionKind
	// versioned is the object as written, with its defaults.
	versioned runtime.Object
}

func isEmpty(document []byte) bool {
	var content any
	return yaml.Unmarshal(document, &content) == nil && content == nil
}

// decode reads one document, and refuses unknown and duplicate fields.
func decode(document []byte, number int) (*object, []problem) {
	label := labelOf(document, number)
	decoded, kind, err := strict.Decode(document, nil, nil)
	if lax, isStrict := runtime.AsStrictDecodingError(err); isStrict {
		problems := []problem{}
		for _, each := range lax.Errors() {
			problems = append(problems, problem{Object: label, Message: each.Error()})
		}
		return nil, problems
	}
	if err != nil {
		return nil, []problem{{Object: label, Message: err.Error()}}
	}
	legacyscheme.Scheme.Default(decoded)
	return &object{label, *kind, decoded}, nil
}

func labelOf(document []byte, number int) string {
	var head metav1.PartialObjectMetadata
	if err := yaml.Unmarshal(document, &head); err != nil || head.Kind == "" {
		return fmt.Sprintf("document %d", number)
	}
	return head.Kind + "/" + head.Name
}

// create asks what the API server would answer to a create request for the object.
func create(o object) []problem {
	strategy, known := strategies[o.kind.GroupKind()]
	if !known {
		return []problem{{o.name, "kind", fmt.Sprintf("%s is not known to this validator", o.kind)}}
	}
	internal, err := legacyscheme.Scheme.ConvertToVersion(o.versioned.DeepCopyObject(), runtime.InternalGroupVersioner)
	if err != nil {
		return []problem{{o.name, "", err.Error()}}
	}
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return []problem{{o.name, "metadata", err.Error()}}
	}
	wanted := accessor.GetNamespace()
	if strategy.NamespaceScoped() && wanted == "" {
		return []problem{{o.name, "metadata.namespace", "not stated: the object would go to whatever namespace kubectl uses"}}
	}
	if !strategy.NamespaceScoped() && wanted != "" {
		return []problem{{o.name, "metadata.namespace", fmt.Sprintf("stated for a cluster-scoped kind (was %q)", wanted)}}
	}
	rest.FillObjectMetaSystemFields(accessor)
	ctx := request.WithNamespace(context.Background(), wanted)
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{APIGroup: o.kind.Group, APIVersion: o.kind.Version})
	return causes(o.name, rest.BeforeCreate(strategy, ctx, internal))
}

func causes(name string, err error) []problem {
	if err == nil {
		return nil
	}
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		return []problem{{name, "", err.Error()}}
	}
	problems := []problem{}
	for _, cause := range status.ErrStatus.Details.Causes {
		problems = append(problems, problem{name, cause.Field, cause.Message})
	}
	return problems
}
