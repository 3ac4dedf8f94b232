// A producer for CMSSW: scores of each event from its calorimeter hits.
//
// This file was written against CMSSW's documented interfaces and was compiled nowhere by
// hepvision, whose tests run without CMSSW. What does the work, HitScorer.h, is compiled and run
// by tests/examples/test_cpp.py. To use it, put both into plugins/ of a package beside the
// BuildFile.xml below, and the exported file with its tables into data/:
//
//     <use name="FWCore/Framework"/>
//     <use name="FWCore/ParameterSet"/>
//     <use name="DataFormats/EcalRecHit"/>
//     <use name="DataFormats/HcalRecHit"/>
//     <use name="onnxruntime"/>
//     <flags EDM_PLUGIN="1"/>
//
// Hits must be those that the network was trained on: the same collections and thresholds. There
// is no selection in the graph: hepvision.select of its metadata names the events it is for.

#include <memory>
#include <string>
#include <vector>

#include "DataFormats/EcalDetId/interface/EBDetId.h"
#include "DataFormats/EcalDetId/interface/EEDetId.h"
#include "DataFormats/EcalRecHit/interface/EcalRecHitCollections.h"
#include "DataFormats/HcalDetId/interface/HcalDetId.h"
#include "DataFormats/HcalRecHit/interface/HcalRecHitCollections.h"
#include "FWCore/Framework/interface/Event.h"
#include "FWCore/Framework/interface/MakerMacros.h"
#include "FWCore/Framework/interface/stream/EDProducer.h"
#include "FWCore/ParameterSet/interface/ConfigurationDescriptions.h"
#include "FWCore/ParameterSet/interface/FileInPath.h"
#include "FWCore/ParameterSet/interface/ParameterSet.h"
#include "FWCore/ParameterSet/interface/ParameterSetDescription.h"
#include "FWCore/Utilities/interface/EDGetToken.h"
#include "FWCore/Utilities/interface/Exception.h"
#include "FWCore/Utilities/interface/InputTag.h"

#include "HitScorer.h"

// One session in a job, however many streams there are.
class HitScoreProducer : public edm::stream::EDProducer<edm::GlobalCache<hepvision::HitModel>> {
public:
  HitScoreProducer(const edm::ParameterSet& config, const hepvision::HitModel* model)
      : batch_(model->collections()),
        barrel_(consumes<EcalRecHitCollection>(config.getParameter<edm::InputTag>("barrel"))),
        endcap_(consumes<EcalRecHitCollection>(config.getParameter<edm::InputTag>("endcap"))),
        hcal_(consumes<HBHERecHitCollection>(config.getParameter<edm::InputTag>("hcal"))) {
    for (const auto& name : model->collections()) {
      useBarrel_ = useBarrel_ || name == "EcalBarrelHit";
      useEndcap_ = useEndcap_ || name == "EcalEndcapHit";
      useHcal_ = useHcal_ || name == "HcalHit";
      if (name == "Track")
        throw cms::Exception("Configuration") << "model: must not read tracks, whose pixels this "
                                                 "producer does not find. Train without them.";
    }
    if (model->divides() || model->aroundPhotons())
      throw cms::Exception("Configuration") << "model: must read hits alone. Train it without "
                                               "divide_by and squares around photons.";
    produces<std::vector<float>>("scores");
  }

  static std::unique_ptr<hepvision::HitModel> initializeGlobalCache(const edm::ParameterSet& config) {
    const auto path = config.getParameter<edm::FileInPath>("model").fullPath();
    return std::make_unique<hepvision::HitModel>(path, 1);
  }
  static void globalEndJob(const hepvision::HitModel*) {}

  void produce(edm::Event& event, const edm::EventSetup&) override {
    const auto& model = *globalCache();
    batch_.clear();
    if (useBarrel_)
      for (const auto& hit : event.get(barrel_)) {
        const EBDetId id(hit.id());
        batch_.add("EcalBarrelHit", model.channel("EcalBarrelHit", {id.ieta(), id.iphi()}),
                   hit.energy());
      }
    if (useEndcap_)
      for (const auto& hit : event.get(endcap_)) {
        const EEDetId id(hit.id());
        batch_.add("EcalEndcapHit", model.channel("EcalEndcapHit", {id.ix(), id.iy(), id.zside()}),
                   hit.energy());
      }
    if (useHcal_)
      for (const auto& hit : event.get(hcal_)) {
        const HcalDetId id(hit.id());
        // depths are added up
        batch_.add("HcalHit", model.channel("HcalHit", {id.ieta(), id.iphi()}), hit.energy());
      }
    batch_.endEvent();
    event.put(std::make_unique<std::vector<float>>(model.scores(batch_)), "scores");
  }

  static void fillDescriptions(edm::ConfigurationDescriptions& descriptions) {
    edm::ParameterSetDescription one;
    one.add<edm::FileInPath>("model")->setComment("file of hepvision export --inputs hits");
    one.add<edm::InputTag>("barrel", edm::InputTag("reducedEgamma", "reducedEBRecHits"));
    one.add<edm::InputTag>("endcap", edm::InputTag("reducedEgamma", "reducedEERecHits"));
    one.add<edm::InputTag>("hcal", edm::InputTag("reducedEgamma", "reducedHBHEHits"));
    descriptions.add("hitScoreProducer", one);
  }

private:
  hepvision::HitBatch batch_;
  const edm::EDGetTokenT<EcalRecHitCollection> barrel_, endcap_;
  const edm::EDGetTokenT<HBHERecHitCollection> hcal_;
  bool useBarrel_ = false, useEndcap_ = false, useHcal_ = false;
};

DEFINE_FWK_MODULE(HitScoreProducer);
